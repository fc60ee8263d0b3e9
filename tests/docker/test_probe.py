"""docker/probe.py: what an image's health check says of the part beside it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.docker.files import DOCKER
from tests.ports import reserve_port


class _Part(BaseHTTPRequestHandler):
    """Is well at one path."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def part() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Part) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def probe(url: str, **variables: str) -> int:
    command = [sys.executable, str(DOCKER / "probe.py"), url]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | variables
    return subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False).returncode


def test_only_a_part_that_answers_200_is_well(part: str) -> None:
    nobody = f"http://127.0.0.1:{reserve_port()}/livez"
    assert [probe(url) for url in (f"{part}/livez", f"{part}/readyz", nobody)] == [0, 1, 1]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_the_part_beside_it_is_asked_past_any_proxy_that_docker_names_to_containers(part: str, name: str) -> None:
    assert probe(f"{part}/livez", **{name: f"http://127.0.0.1:{reserve_port()}"}) == 0
