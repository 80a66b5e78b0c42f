# exercise: 02
# verdict: PASS
# Right. It reads the answer as a line.

import socket, sys
patience = float(sys.argv[sys.argv.index('--patience') + 1]) if '--patience' in sys.argv else 10
with socket.create_server(('127.0.0.1', int(sys.argv[1]))) as listener:
    while True:
        client, address = listener.accept()
        with client:
            client.settimeout(patience)
            try:
                client.sendall(b'Do you want to play a game?\n')
                print(client.makefile('rb').readline())
            except TimeoutError:
                client.sendall(b'Too slow!\n')
            except OSError as error:
                print(error)
