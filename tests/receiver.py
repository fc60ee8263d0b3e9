"""A client of the service that receives the events of its calls and checks each with Twilio's own validator."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from tests.processes import AUTH_TOKEN


class Receiver:
    """An HTTP server of a client; `answer` decides the status of each answer, and may be slow."""

    def __init__(
        self, answer: Callable[[str, dict[str, str]], int] = lambda _path, _form: 204, secret: str = AUTH_TOKEN
    ) -> None:
        self.events: list[tuple[float, str, dict[str, str], bool]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = dict(parse_qsl(body, keep_blank_values=True))
                signature = self.headers.get("X-Twilio-Signature", "")
                valid = RequestValidator(secret).validate(receiver.url + self.path, form, signature)
                receiver.events.append((time.time(), self.path, form, valid))
                self.send_response(answer(self.path, form))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keeps quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def told(self, path: str) -> list[str]:
        """Statuses of calls received at a path, in order of arrival; all of them signed."""
        return [form["CallStatus"] for form in self._forms(path) if "CallStatus" in form and not _is_verdict(form)]

    def verdicts(self, path: str) -> list[str]:
        """Who answered, as received at a path."""
        return [form["AnsweredBy"] for form in self._forms(path) if _is_verdict(form)]

    def campaigns(self, path: str) -> list[str]:
        """What was told of campaigns at a path."""
        return [form["TaskStatus"] for form in self._forms(path) if "TaskStatus" in form]

    def _forms(self, path: str) -> list[dict[str, str]]:
        events = [event for event in self.events if event[1] == path]
        assert all(valid for *_, valid in events)
        return [form for _, _, form, _ in events]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _is_verdict(form: dict[str, str]) -> bool:
    return "AnsweredBy" in form and "MoreAttempts" not in form
