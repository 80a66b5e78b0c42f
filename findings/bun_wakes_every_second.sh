#!/usr/bin/env bash
# An idle server in Bun wakes up once a second, for ever.
#
# From memory: an event loop that has nothing but a listening socket blocks in epoll without a timeout, as Node's does:
# it sleeps until a client comes.
#
# Seen with Bun 1.4.5 and Node 20.20 on Linux 6.18: Node's main thread stands in epoll_pwait with the timeout -1, and does
# not run at all in five seconds. Bun's stands in epoll_pwait2 with a timeout of one second, and wakes up at its end each
# time, though no timer was set. From outside, that cannot be told from a program that will do something in a second.
#
# Needs: Linux on x86-64, npm, node. Fails if Bun wakes up less than three times in five seconds, or Node at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill ${servers:-} 2>/dev/null || true; rm -rf "$folder"' EXIT
servers=

cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --silent @oven/bun-linux-x64@1.4.5
bun=$folder/node_modules/@oven/bun-linux-x64/bin/bun
cat > server.mjs <<'JS'
import net from "node:net";
net.createServer(() => {}).listen(0, "127.0.0.1", () => console.log("ready"));
JS

# How often the main thread has waited so far.
waits() { sed -n 's/^voluntary_ctxt_switches:\t//p' "/proc/$1/task/$1/status"; }

count() {
    "$@" server.mjs > output &
    local server=$!
    servers+=" $server"
    for _ in $(seq 200); do grep -q ready output 2>/dev/null && break; sleep 0.05; done
    grep -q ready output
    sleep 3 # what a runtime still does after its start
    local before
    before=$(waits "$server")
    sleep 5
    echo $(($(waits "$server") - before))
    kill "$server"
}

in_bun=$(count "$bun")
in_node=$(count node)
echo "Bun $("$bun" --version): woke up $in_bun times in 5 s, idle"
echo "Node $(node --version): woke up $in_node times in 5 s, idle"
[ "$in_bun" -ge 3 ] && [ "$in_node" -eq 0 ]
