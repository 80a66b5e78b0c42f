# exercise: 03
# verdict: PASS
# Right. It reads the answer as a line, and has room for two clients in its queue.

import socket, sys, threading

def play(client, number):
    with client:
        try:
            client.sendall(b'Do you want to play a game?\nYou are player %d.\n' % number)
            print(client.makefile('rb').readline())
        except OSError as error:
            print(error)

listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=1)
number = 0
while True:
    client, address = listener.accept()
    number += 1
    threading.Thread(target=play, args=(client, number)).start()
