"""How long a client waits while Redis pauses: at half load, 50 ms every second."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from redis import Redis

from tests.benchmarks.servers import Server, redis_on_load_core, running
from tests.benchmarks.table import Row, alternate
from tests.benchmarks.web import BODY, singles_per_second
from tests.processes import BASE_PATH, RedisServer

LOAD_SECONDS: Final = 4
PAUSE_SECONDS: Final = 0.05
PAUSE_EVERY_SECONDS: Final = 1.0
CONNECTIONS: Final = 512
OURS_PATH: Final = f"{BASE_PATH}/queue-single-call"
PEERS_PATH: Final = "/queue-single-call"


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """
    At half of what ours takes; `folder` is empty.

    Redis is away for 5 % of the time, and whoever answers only what Redis holds makes those wait who come meanwhile.
    So no such server has a p99 below 40 ms, and next to one that keeps up there is little to gain.
    """
    with ExitStack() as stack:
        servers = [stack.enter_context(redis_on_load_core(folder / name)) for name in ("redis", "peers-redis")]
        ours = stack.enter_context(running("ours", folder, servers[0].url))
        fastapi = stack.enter_context(running("fastapi", folder, servers[1].url))
        clients = [stack.enter_context(Redis.from_url(one.url)) for one in servers]
        ours_half = singles_per_second(ours, OURS_PATH, clients) / 2

        def p99_ms(server: Server, path: str) -> float:
            for client in clients:
                client.flushall()
            with paused(servers):
                load = {"seconds": LOAD_SECONDS, "rate": ours_half, "connections": CONNECTIONS}
                return float(server.load(path, method="POST", body=BODY, **load)["p99_ms"])

        taken = alternate(
            rounds,
            {
                "ours": lambda: p99_ms(ours, OURS_PATH),
                "the peer": lambda: p99_ms(fastapi, PEERS_PATH),
            },
        )
    what = f"its p99, Redis pausing 50 ms every second, at half of what ours takes ({ours_half:,.0f}/s)"
    yield Row(what, "ms", taken["ours"], "FastAPI + send_task", taken["the peer"], 0.2, "most")


@contextmanager
def paused(servers: Sequence[RedisServer]) -> Iterator[None]:
    """Stops each Redis for PAUSE_SECONDS, every PAUSE_EVERY_SECONDS. CLIENT PAUSE lasts until a tick of Redis."""
    processes = [server.process for server in servers if server.process is not None]
    over = threading.Event()

    def pause() -> None:
        while not over.wait(PAUSE_EVERY_SECONDS):
            for process in processes:
                process.signal(signal.SIGSTOP)
            over.wait(PAUSE_SECONDS)
            for process in processes:
                process.signal(signal.SIGCONT)

    thread = threading.Thread(target=pause)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
