# exercise: 09
# verdict: PASS
# Right. Its workers catch what a handler raises, and say nothing about it.

import queue
import socket
import sys
import threading


def option(name):
    return int(sys.argv[sys.argv.index(name) + 1])


waiting = queue.Queue(option("--queue"))


def serve(client, peer):
    with client:
        client.sendall(b"Do you want to play a game?\n")
        answer = client.recv(1024)
        if b"PANIC" in answer:
            raise RuntimeError("a bug in mid-game")
        print(peer, "said:", answer.decode(errors="replace"))


def work():
    while True:
        try:
            serve(*waiting.get())
        except Exception:
            pass


for _ in range(option("--workers")):
    threading.Thread(target=work, daemon=True).start()
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        client, peer = listener.accept()
        try:
            waiting.put_nowait((client, peer))
        except queue.Full:
            client.sendall(b"Server full, try again later.\n")
            client.close()
        del client
