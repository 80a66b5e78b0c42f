# exercise: 04
# verdict: SERIAL
# says: did not accept D
# Asks the operator in the event loop, which accepts no client until the answer is typed.

import asyncio
import sys


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            message = line.decode(errors="replace").strip()
            print("client>", message)
            if message == "bye":
                break
            try:
                answer = input("client< ")
            except EOFError:
                answer = "bye"
            writer.write((answer + "\n").encode())
            await writer.drain()
            if answer == "bye":
                break
    except OSError as lost:
        print("lost:", lost)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
