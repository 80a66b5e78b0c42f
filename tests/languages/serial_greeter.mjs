// exercise: 03
// verdict: SERIAL, proved
// says: The server's one event loop left this client waiting
// Begins with a player when the one before has left.

import net from "node:net";

const waiting = [];
let number = 0;
let busy = false;

function next() {
  if (busy || waiting.length === 0) return;
  busy = true;
  const player = waiting.shift();
  number += 1;
  player.write(`Do you want to play a game?\nYou are player ${number}.\n`);
  const done = () => {
    player.end();
    busy = false;
    next();
  };
  player.once("data", done);
  player.once("end", done);
}

net
  .createServer({ allowHalfOpen: true }, (player) => {
    player.on("error", () => {});
    waiting.push(player);
    next();
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
