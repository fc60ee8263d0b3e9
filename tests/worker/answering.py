"""A server in Twilio's place that says what it is told to, and forms of bodies that it may be told."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NO_BODY = (204, 304)


class Answering:
    """Answers every request the same until told otherwise, and remembers the requests."""

    def __init__(self, scheme: str, port: int) -> None:
        self.port, self.url = port, f"{scheme}://127.0.0.1:{port}"
        self.connections = 0
        self.thinks_seconds = 0.0  #: before each answer
        self.requests: list[str] = []  #: method and target
        self.script: list[tuple[int, bytes]] = []  #: said first, in order
        self.says(200, b"")

    def says(self, status: int, body: bytes | dict[str, Any] | list[Any], **headers: str) -> None:
        """From now on; `headers` with underscores. `broken=...` promises more bytes than come."""
        self.status, self.body, self.headers = status, _bytes(body), headers

    def then(self, status: int, body: bytes | dict[str, Any]) -> None:
        """Once, after what was queued before."""
        self.script.append((status, _bytes(body)))


def _bytes(body: bytes | dict[str, Any] | list[Any]) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def answering(tls: ssl.SSLContext | None = None) -> Iterator[Answering]:
    """Serves on loopback for the time of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            told.connections += 1
            super().setup()

        def _answer(self) -> None:
            promised = int(self.headers.get("Content-Length") or 0)
            if len(self.rfile.read(promised)) < promised:  # whoever sent it went away
                self.close_connection = True
                return
            told.requests.append(f"{self.command} {self.path}")
            time.sleep(told.thinks_seconds)
            status, body = told.script.pop(0) if told.script else (told.status, told.body)
            broken = "broken" in told.headers
            self.send_response_only(status, "Said")
            for name, value in told.headers.items():
                self.send_header(name.replace("_", "-"), value)
            if status not in NO_BODY:
                self.send_header("Content-Length", str(len(body) + (100 if broken else 0)))
            self.end_headers()
            if status not in NO_BODY:
                self.wfile.write(body)
            self.close_connection = broken or told.headers.get("Connection") == "close"

        do_GET = do_POST = _answer  # noqa: N815 - the library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    told = Answering("https" if tls else "http", server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def error(code: object, http_status: int = 400) -> dict[str, Any]:
    """An error as Twilio's API of 2010 writes it."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": "No.", "more_info": more_info, "status": http_status}


def problem(code: object, http_status: int = 400) -> dict[str, Any]:
    """The same in the form of RFC 9457, as Twilio's newer APIs write it."""
    return {"type": "https://www.twilio.com/docs/api/errors", "title": "No.", "status": http_status, "code": code}
