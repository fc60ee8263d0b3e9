"""Redis behind TLS, for a Redis that was built without it: a proxy that ends TLS, and the CA that its clients trust."""

import asyncio
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import trustme

from tests.closing import close_server


class TlsProxy:
    """Listens on loopback with a certificate for 127.0.0.1 and passes everything on to a port."""

    def __init__(self, folder: Path, port_behind: int) -> None:
        authority, stranger = trustme.CA(), trustme.CA()
        self.ca_file, self.other_ca_file = folder / "ca.pem", folder / "other-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        stranger.cert_pem.write_to_path(str(self.other_ca_file))
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(self._context)
        self._port_behind = port_behind
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connections: set[asyncio.Task[None]] = set()
        self.passed_on = 0  #: connections whose clients trusted the certificate
        self.port: int = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def url(self, password: str, **options: str | Path) -> str:
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"rediss://:{password}@127.0.0.1:{self.port}/0?{query}"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.passed_on += 1
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port_behind)
        try:
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one of the two is gone, or the proxy is
        finally:
            for one in (writer, inner_writer):
                one.transport.abort()
            with suppress(OSError):
                await inner_writer.wait_closed()
            self._connections.discard(task)

    async def _end(self) -> None:
        await close_server(self._server)
        await self._server.wait_closed()
        await asyncio.sleep(0.02)  # whose handshake was just over is among the connections by then
        while self._connections:
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            await asyncio.sleep(0.02)  # what was aborted is closed a turn later


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError
