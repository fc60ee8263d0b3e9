"""A port that is published: whatever connects to it is connected to the container's. Needs nothing but Python."""

import asyncio
import sys


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def main(address: str, port: str, to: str, to_port: str) -> None:
    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_connection(to, int(to_port))
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(_pass(reader, other_writer), _pass(other_reader, writer))
        for one in (writer, other_writer):
            one.close()

    async with await asyncio.start_server(taken, address, int(port)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
