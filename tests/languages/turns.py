# exercise: 06
# verdict: PASS
# Right: one lock for a turn, and a thread for each client.

import socket
import sys
import threading

operator = threading.Lock()


def turn(peer, message):
    with operator:
        print(f"{peer}> {message}")
        if message == "bye":
            return None
        try:
            return input(f"{peer}< ")
        except EOFError:
            return "bye"


def serve(client, peer):
    try:
        with client, client.makefile("r", errors="replace") as lines:
            for line in lines:
                answer = turn(peer, line.strip())
                if answer is None:
                    break
                client.sendall((answer + "\n").encode())
                if answer == "bye":
                    break
    except OSError as lost:
        print("lost:", lost)


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        threading.Thread(target=serve, args=listener.accept(), daemon=True).start()
