# exercise: 11
# verdict: PASS
# Right: one thread, and one `recv` and one `send` for each time that a client is ready.

import selectors
import socket
import sys

selector = selectors.DefaultSelector()


class Client:
    def __init__(self, stream):
        self.stream, self.unread, self.unsent = stream, b"", b""

    def serve(self):
        if not self.unsent:
            data = self.stream.recv(1024)
            if not data:
                return self.leave()
            self.unread += data
            while b"\n" in self.unread:
                line, self.unread = self.unread.split(b"\n", 1)
                if len(line) >= 1024:
                    return self.leave()
                self.unsent += line.decode(errors="replace")[::-1].encode() + b"\n"
            if len(self.unread) >= 1024:
                return self.leave()
        if self.unsent:
            self.unsent = self.unsent[self.stream.send(self.unsent) :]
        event = selectors.EVENT_WRITE if self.unsent else selectors.EVENT_READ
        selector.modify(self.stream, event, self)

    def leave(self):
        selector.unregister(self.stream)
        self.stream.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listener.setblocking(False)
selector.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            stream, _ = listener.accept()
            stream.setblocking(False)
            selector.register(stream, selectors.EVENT_READ, Client(stream))
            continue
        try:
            key.data.serve()
        except BlockingIOError:
            pass
        except OSError:
            key.data.leave()
