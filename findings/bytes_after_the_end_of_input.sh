#!/usr/bin/env bash
# After shutdown(SHUT_RD), a TCP socket reports the end of input, then bytes, then the end again, and so on.
#
# From memory: shutdown(2) says that "further receptions will be disallowed", and an end of input that has been read is the
# end for good.
#
# Seen on Linux 6.18: recv returns 0 at once, which wakes a thread that was blocked in it. But the kernel goes on taking what
# the peer sends, and the next recv returns it; only where nothing has arrived does it return 0. So a loop that calls read
# again after the end gets further messages, and a server that stops by this call has to look at a flag of its own, too.
# The peer notices nothing: its send succeeds each time. Between two Unix sockets the same call does what one expects: the
# peer's send fails with EPIPE.
#
# Needs: Linux, Python 3. Fails if no byte comes after the end, or if the Unix socket behaves the same.
set -euo pipefail
timeout 20 python3 - <<'PY'
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
server.shutdown(socket.SHUT_RD)
seen = [server.recv(100)]
for message in (b"one", b"two"):
    client.sendall(message)
    # Until it has arrived: readable it was before, too.
    while not (got := server.recv(100)):
        select.select([], [], [], 0.01)
    seen += [got, server.recv(100)]
print("TCP:", seen)
assert seen == [b"", b"one", b"", b"two", b""], seen

one, other = socket.socketpair()
one.shutdown(socket.SHUT_RD)
try:
    other.sendall(b"one")
    raise SystemExit("the Unix socket took it")
except BrokenPipeError as error:
    print("Unix:", error)
PY
