#!/usr/bin/env bash
# A client can be connected to a server whose accept never returns it, although the server calls accept all the time: until
# the client sends something.
#
# From memory: a client whose connect has returned has a place in the server's queue, and the next calls of accept return it.
# One that has no place stays in connect.
#
# Seen on Linux 6.18 with net.ipv4.tcp_syncookies = 1, the default: ten clients wait in connect while the queue is full. The
# server accepts one client, and within a second all ten connects return, although there was one place. For those that
# have none the kernel has answered with SYN cookies and keeps nothing: they are ESTABLISHED at their end, and
# /proc/net/tcp has no row for them at the server's. The server then calls accept for six seconds and gets three clients.
# When one of the others sends a byte, the cookie in that packet is checked, and accept returns it. So a client that waits
# for the server to speak first waits for ever.
#
# Needs: Linux, Python 3. Fails if accept returns all of them, or none after they have sent.
set -euo pipefail
timeout 60 python3 - <<'PY'
import socket
import time

listener = socket.create_server(("127.0.0.1", 0), backlog=1)
address = listener.getsockname()
placed = [socket.create_connection(address) for _ in range(2)]
clients = []
for _ in range(10):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(address)
    clients.append(client)
time.sleep(0.5)


def is_connected(client):
    """Whether it is ESTABLISHED: tcpi_state is the first byte of the structure."""
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1


before = sum(map(is_connected, clients))
accepted = [listener.accept()]
time.sleep(1.5)
connected = sum(map(is_connected, clients))


def accept_for(seconds):
    """Calls accept again and again; returns how many clients came."""
    listener.setblocking(False)
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            accepted.append(listener.accept())
            count += 1
        except BlockingIOError:
            time.sleep(0.01)
    return count


silent = accept_for(6)
known = {peer for _, peer in accepted}
rest = [client for client in clients if client.getsockname() not in known]
speaking = 0
for client in rest:
    client.send(b"x")
    speaking += accept_for(0.5)
print(f"connected: {before}, and {connected} of 10 after one accept; accepted: {silent} within 6 s, "
      f"{speaking} of the {len(rest)} others after they had sent a byte")
assert (before, connected) == (0, 10) and len(rest) >= 5 and speaking == len(rest)
PY
