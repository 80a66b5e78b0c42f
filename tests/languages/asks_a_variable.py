# exercise: 01
# verdict: SPINS
# says: asks a variable
# The handler waits for its answer in a loop that never sleeps.

import socket
import sys
import threading

answers = {}


def serve(client, number):
    with client:
        while client.recv(1024):
            while number not in answers:
                pass
            client.sendall(answers.pop(number))


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    number = 0
    while True:
        client, _ = listener.accept()
        number += 1
        threading.Thread(target=serve, args=(client, number), daemon=True).start()
