"""Counterparts that do not do their part, and people who sign in through them all the same. Both run
in processes of their own, so that whoever measures is not held up.

Usage: faulty.py serve                            (prints `ready` and a port for each of FAULTS)
       faulty.py sign-in HOST PORT WORKERS FORM   (until its standard input ends; prints JSON)
"""

import asyncio
import json
import os
import re
import sys
import time

FAULTS = ("silent", "drip", "garbage")
# The beginning of what each protocol would say, one byte a second.
HTTP = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n"
LDAP = bytes.fromhex("30840000100002010161") + b"\x00" * 64
# A worker begins a sign-in no more often than this: one that fails at once must not be a flood.
PACE_SECONDS = 1


async def silent(_, writer):
    await asyncio.sleep(60)
    writer.close()


async def drip(reader, writer):
    asked = await reader.read(4096)
    for byte in HTTP if asked.startswith((b"GET ", b"POST ")) else LDAP:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)
    writer.close()


async def garbage(reader, writer):
    await reader.read(4096)
    writer.write(os.urandom(4096))
    await writer.drain()
    writer.close()


async def serve():
    servers = []
    for fault in (silent, drip, garbage):
        async def answer(reader, writer, fault=fault):
            try:
                await fault(reader, writer)
            except OSError:
                pass  # whoever asked has gone
        servers.append(await asyncio.start_server(answer, "127.0.0.1", 0))
    print("ready", *(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def sign_in(host, port, form):
    """(code, seconds) of one sign-in."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(host, port)
    head = (f"POST / HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n"
            f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(form)}\r\n\r\n")
    writer.write(head.encode() + form.encode())
    answer = await reader.read(-1)
    writer.close()
    code = re.search(rb"<Code>(\w+)</Code>", answer)
    return (code.group(1).decode() if code else answer[:60].decode(errors="replace"),
            time.monotonic() - began)


async def sign_ins(host, port, workers, form):
    ended, said = asyncio.Event(), []

    async def worker(number):
        count = 0
        while not ended.is_set():
            count += 1
            began = time.monotonic()
            said.append(await sign_in(host, port, form.replace("NAME", f"p{number}x{count}")))
            await asyncio.sleep(max(0, PACE_SECONDS - (time.monotonic() - began)))

    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: (loop.remove_reader(sys.stdin), ended.set()))
    await asyncio.gather(*(worker(number) for number in range(workers)))
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve())
    else:
        asyncio.run(sign_ins(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
