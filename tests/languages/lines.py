# exercise: 05
# verdict: PASS
# Right, with the classes of socketserver.

import socketserver, sys

class Session(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            line = self.rfile.readline(5120)
            if not line.endswith(b'\n') or line.rstrip() == b'--quit--':
                return
            self.wfile.write(b'-')

socketserver.ThreadingTCPServer(('127.0.0.1', int(sys.argv[1])), Session).serve_forever()
