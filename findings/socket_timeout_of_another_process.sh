#!/usr/bin/env bash
# The receive timeout of a socket can be read from outside of its process.
#
# From memory: SO_RCVTIMEO is set by the program and known to the kernel alone. /proc shows the call and the descriptor, and
# a read with a timeout looks like one without (proc_pid_syscall(5), proc_pid_fd(5)); `ss` does not print it either.
#
# Seen on Linux 6.18 with CPython 3.11.7: pidfd_getfd(2) gives whoever may trace a process a copy of its descriptor, and
# getsockopt(2) on the copy tells the timeout that the other program has set: 7.5 s here (the kernel rounds up to a tick of its clock), while its thread stands in
# recvfrom. The program that is asked is not stopped, and its socket works on when the copy is closed.
#
# Needs: Linux 5.6 or later, python3. Fails if the timeout is not told, or if the connection does not outlive the copy.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT

cat > "$folder/server.py" <<'PY'
import socket, struct
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    client, _ = listener.accept()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 7, 500_000))
    print(client.fileno(), flush=True)
    client.sendall(client.recv(1024))
    client.recv(1)
PY
cat > "$folder/look.py" <<'PY'
import ctypes, os, socket, struct, sys, time
PIDFD_GETFD = 438
pid, output = int(sys.argv[1]), open(sys.argv[2])
deadline = time.monotonic() + 20

def line():
    while time.monotonic() < deadline:
        text = output.readline()
        if text.endswith("\n"):
            return int(text)
        time.sleep(0.01)
    sys.exit("the server says nothing")

with socket.create_connection(("127.0.0.1", line())) as client:
    number = line()
    call = ""
    while not call.startswith("45 ") and time.monotonic() < deadline:  # recvfrom, on x86-64
        call = open(f"/proc/{pid}/syscall").read()
    print("the server stands in:", call.strip())
    libc = ctypes.CDLL(None, use_errno=True)
    copy = libc.syscall(PIDFD_GETFD, os.pidfd_open(pid), number, 0)
    if copy < 0:
        sys.exit(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
    with socket.socket(fileno=copy) as same:
        seconds, micros = struct.unpack("ll", same.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16))
    print(f"its socket's SO_RCVTIMEO, asked from outside: {seconds + micros / 1e6} s")
    client.sendall(b"still there")
    reply = client.recv(1024)
    print("its reply after that:", reply)
    sys.exit(0 if (seconds, micros, reply) == (7, 500_000, b"still there") else "this has changed")
PY
python3 -u "$folder/server.py" > "$folder/output" &
server=$!
python3 "$folder/look.py" "$server" "$folder/output"
