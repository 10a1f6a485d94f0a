#!/usr/bin/python3
"""Forwards connections to TARGET_PORT of 127.0.0.1 until it is killed.

    relay.py tcp6 TARGET_PORT              listens on ::1
    relay.py tls TARGET_PORT CERT KEY      takes TLS off
    relay.py connect TARGET_PORT           is a proxy: CONNECT, whatever host it is asked for

Prints its own port, and as a proxy a line "CONNECT HOST:PORT" for each connection.
"""

import asyncio
import ssl
import sys

mode, target_port = sys.argv[1], int(sys.argv[2])


async def copy(reader, writer):
    try:
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        pass


async def forward(reader, writer):
    if mode == "connect":
        head = await reader.readuntil(b"\r\n\r\n")
        print(head.decode().partition(" HTTP/")[0], flush=True)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", target_port)
    await asyncio.gather(copy(reader, server_writer), copy(server_reader, writer))
    server_writer.close()
    writer.close()


async def main():
    context = None
    if mode == "tls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    host = "::1" if mode == "tcp6" else "127.0.0.1"
    server = await asyncio.start_server(forward, host, 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
