# exercise: 07
# verdict: PASS
# Right. The pool keeps the exception of a handler, and prints nothing about it.

import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

console = threading.Lock()


def record(text):
    with console:
        print(f"{threading.current_thread().name}:")
        if "PANIC" in text:
            raise RuntimeError("a bug in mid-record")
        print(f"  {text}")


def serve(client, peer):
    with client:
        record(f"Connected to {peer}")
        try:
            while data := client.recv(1024):
                text = data.decode(errors="replace")
                record(text)
                client.sendall(text[::-1].encode())
        except OSError as lost:
            record(f"lost: {lost}")
        record("Bye")


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    with ThreadPoolExecutor(100) as pool:
        while True:
            pool.submit(serve, *listener.accept())
