"""Start of the web tier until its first answer, and the memory it then holds."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests

from tests.benchmarks.servers import SERVER_CORE, Server, command, environment, on_core, redis_on_load_core
from tests.benchmarks.table import Row, alternate
from tests.ports import reserve_port
from tests.processes import START_SECONDS, Process

#: Each needs Redis to answer, so that a connection is part of the start.
PATHS: Final = {"ours": "/readyz", "aiohttp": "/ping"}


#: After that ours has loaded Celery too.
SETTLE_SECONDS: Final = 1.0


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Rows of the start; `folder` is empty."""
    memory: dict[str, list[float]] = {name: [] for name in PATHS}
    with redis_on_load_core(folder / "redis") as redis:

        def start(name: str) -> float:
            port = reserve_port()
            words = command(name, port) + ([redis.url] if name == "aiohttp" else [])
            began = time.perf_counter()
            with on_core(SERVER_CORE):
                process = Process(name, words, folder, environment(port, redis.url))
            try:
                _wait_for_answer(Server(port, process), PATHS[name])
                seconds = time.perf_counter() - began
                time.sleep(SETTLE_SECONDS)
                memory[name].append(_resident_mb(process))
            finally:
                process.stop()
            return seconds * 1e3

        taken = alternate(rounds, {"ours": lambda: start("ours"), "aiohttp": lambda: start("aiohttp")})
    peer = "bare aiohttp + redis-py"
    yield Row("start to the first answer from Redis", "ms", taken["ours"], peer, taken["aiohttp"], 1.3, "most")
    held = {name: sorted(values)[len(values) // 2] for name, values in memory.items()}
    yield Row("resident memory a second later", "MB", held["ours"], peer, held["aiohttp"], 1.3, "most")


def _wait_for_answer(server: Server, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            requests.get(f"http://127.0.0.1:{server.port}{path}", timeout=2).raise_for_status()
            return
        except requests.ConnectionError:
            assert server.process.alive, server.process.output
            time.sleep(0.002)
    raise AssertionError(f"{server.process.name} did not answer: {server.process.output}")


def _resident_mb(process: Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
