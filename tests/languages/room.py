# exercise: 10
# verdict: PASS
# Right. A line of which nothing is left is not sent on.

import queue, socket, sys, threading, time

room, lock = {}, threading.Lock()

def close(client):
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass

def tell(speaker, line):
    with lock:
        for number, (client, outbox) in list(room.items()):
            try:
                if number != speaker:
                    outbox.put_nowait(line)
            except queue.Full:
                del room[number]
                close(client)

def write(client, outbox):
    try:
        for line in iter(outbox.get, None):
            client.sendall(line)
    except OSError:
        pass

def serve(client, number):
    outbox = queue.Queue(100)
    threading.Thread(target=write, args=(client, outbox)).start()
    tell(number, b'Guest-%d has come.\n' % number)
    with lock:
        outbox.put_nowait(b'You are Guest-%d.\n' % number)
        room[number] = client, outbox
    try:
        for line in iter(lambda lines=client.makefile('rb'): lines.readline(1024), b''):
            text = ''.join(filter(str.isprintable, line.decode(errors='ignore').rstrip()))
            if text == 'bye' or not line.endswith(b'\n'):
                break
            if text:
                tell(number, b'Guest-%d: %s\n' % (number, text.encode()))
            time.sleep(0.001)
    except OSError as error:
        print(error)
    with lock:
        room.pop(number, None)
    close(client)
    try:
        outbox.put_nowait(None)
    except queue.Full:
        pass
    tell(number, b'Guest-%d has left.\n' % number)

listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
number = 0
while True:
    client, address = listener.accept()
    number += 1
    threading.Thread(target=serve, args=(client, number)).start()
