# exercise: 07
# verdict: SELF_DEADLOCK, proved
# A function that holds the lock calls itself, and takes the lock again.

import socket
import sys
import threading

console = threading.Lock()


def show(lines):
    with console:
        print(lines[0])
        if lines[1:]:
            show(lines[1:])


def serve(client):
    with client:
        show([f"{threading.current_thread().name}:", "  has a client"])
        while message := client.recv(1024):
            client.sendall(message.decode("utf-8", "replace")[::-1].encode())


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
