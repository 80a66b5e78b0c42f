// exercise: 01
// verdict: PASS
// Right. All clients at once, which nothing forbids.

import net from "node:net";

net.createServer(client => {
    client.on('error', error => console.log(error.message));
    client.on('data', message => client.write(message.toString().toUpperCase()));
}).listen(+process.argv[2], '127.0.0.1');
