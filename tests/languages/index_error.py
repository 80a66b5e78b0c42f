# exercise: 03
# verdict: CLOSED_EARLY
# fails: IndexError: list index out of range
# A bug in the handler. Python prints the exception and ends the thread.

import socket
import sys
import threading

names = ["Ada"]


def play(player, number):
    with player:
        player.sendall(b"Do you want to play a game?\n")
        print(names[number - 1], "plays")
        player.sendall(f"You are player {number}.\n".encode())
        player.recv(1024)


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    number = 0
    while True:
        player, _ = listener.accept()
        number += 1
        threading.Thread(target=play, args=(player, number), daemon=True).start()
