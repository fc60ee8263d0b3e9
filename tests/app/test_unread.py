"""Large answers that nobody reads take no room: anybody may ask for the files of Swagger UI."""

import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.ports import reserve_port
from tests.processes import Process, wait_until

CONNECTIONS = 100
FILE = "/api/docs/static/swagger-ui-bundle.js"


def _most_megabytes(pid: int) -> float:
    """The most memory that a process ever had."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def test_a_large_file_is_not_kept_for_each_connection_that_reads_none_of_it(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    port = reserve_port()
    web = Process("web", [sys.executable, "-m", "app"], tmp_path, variables | {"APP_PORT": str(port)})
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(f"{url}/livez", timeout=5).ok
        except requests.ConnectionError:
            return False

    try:
        web.wait_for_answer(answers)
        megabytes = len(requests.get(url + FILE, timeout=10).content) / 2**20
        before = _most_megabytes(web.pid)
        with ExitStack() as links:
            for _ in range(CONNECTIONS):
                link = links.enter_context(socket.socket())
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                link.connect(("127.0.0.1", port))
                link.sendall(f"GET {FILE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            wait_until(lambda: web.output.count(FILE) > CONNECTIONS, what="all were answered")
            assert answers()
            grown = _most_megabytes(web.pid) - before
    finally:
        web.stop()
    assert grown < 0.2 * CONNECTIONS * megabytes
