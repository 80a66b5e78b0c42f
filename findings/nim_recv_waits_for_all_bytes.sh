#!/usr/bin/env bash
# Nim's recv(1024) on a socket as newSocket makes it does not return what has arrived: it waits for 1,024 bytes.
#
# From memory: recv returns as soon as something is there, in every language; the number is the most that is wanted
# (recv(2)). A server written so answers a short message at once.
#
# Seen with Nim 1.6.10 on Linux 6.18: sockets of std/net are buffered by default, and recv on a buffered socket loops until
# all bytes are there or the peer closes. A client that sends five bytes and waits gets no answer; with buffered = false
# it gets one at once.
#
# Needs: Linux on x86-64, apt-get with Debian 12's packages, gcc, python3. Fails if the buffered one answers within two
# seconds, or the other one does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill ${servers:-} 2>/dev/null || true; rm -rf "$folder"' EXIT
servers=

cd "$folder"
apt-get download -qq nim=1.6.10-2 2> log
dpkg -x nim_*.deb system
cat > server.nim <<'NIM'
import std/[net, os]
let listener = newSocket(buffered = paramStr(1) == "buffered")
listener.bindAddr(Port(0), "127.0.0.1")
listener.listen()
echo listener.getLocalAddr()[1].int
flushFile(stdout)
var client: Socket
listener.accept(client)
client.send("got " & $client.recv(1024).len & " bytes\n")
NIM
nim=$folder/system/usr/bin/nim
"$nim" compile --skipParentCfg --hints:off --verbosity:0 --lib:"$folder/system/usr/lib/nim/lib" --nimcache:cache server.nim \
    > log 2>&1 || { cat log; exit 1; }

ask() {
    ./server "$1" > "port_$1" &
    servers+=" $!"
    for _ in $(seq 200); do [ -s "port_$1" ] && break; sleep 0.05; done
    python3 -c '
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
    client.sendall(b"hello")
    client.settimeout(2)
    try:
        print(client.recv(100).decode().strip())
    except TimeoutError:
        print("no answer in 2 s")
' "$(cat "port_$1")"
}

buffered=$(ask buffered)
unbuffered=$(ask unbuffered)
"$nim" --version | head -1
echo "newSocket(), recv(1024), a client that has sent 5 bytes: $buffered"
echo "newSocket(buffered = false), the same: $unbuffered"
[ "$buffered" = "no answer in 2 s" ] && [ "$unbuffered" = "got 5 bytes" ]
