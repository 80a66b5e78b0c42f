#!/usr/bin/env bash
# A connect that finds the backlog full tries again after 1, 2, 3, 4, 5, 7, 11 seconds, on Linux from 6.5.
#
# From memory: the wait doubles from the first try on (tcp(7): tcp_syn_retries), so the tries come after 1, 3, 7, 15 seconds.
#
# Seen on Linux 6.18: the first five tries are one second apart, and only then does the wait double. The number of tries
# without doubling is net.ipv4.tcp_syn_linear_timeouts, 4 by default; tcp_syn_retries counts only those that follow. So a
# client that was refused a place is back within a second of a place becoming free, five times as often as one expects.
#
# Needs: Linux from 6.5, Python 3. Fails if the tries come at other times. Takes 12 seconds.
set -euo pipefail
timeout 60 python3 - <<'PY'
import socket
import time
from pathlib import Path

listener = socket.create_server(("127.0.0.1", 0), backlog=0)
address = listener.getsockname()
has_place = socket.create_connection(address)
client = socket.socket()
client.bind(("127.0.0.1", 0))
client.setblocking(False)
start = time.monotonic()
client.connect_ex(address)


def tries():
    """How often the kernel has sent the request again: the column retrnsmt of /proc/net/tcp."""
    own = f":{client.getsockname()[1]:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return next(int(row[6], 16) for row in rows if row[1].endswith(own))


seen, before = [], 0
while time.monotonic() - start < 12:
    now = tries()
    if now != before:
        seen.append(round(time.monotonic() - start))
        before = now
    time.sleep(0.05)
linear = Path("/proc/sys/net/ipv4/tcp_syn_linear_timeouts").read_text().strip()
print(f"tries after {seen} s; tcp_syn_linear_timeouts = {linear}")
assert seen == [1, 2, 3, 4, 5, 7, 11], seen
PY
