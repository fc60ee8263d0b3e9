"""Workers whose metrics are held against what they logged."""

from dataclasses import dataclass, field

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.ports import reserve_port
from tests.processes import Process, wait_until
from tests.stack import Stack

#: By its labels' values, in the order of their names.
Samples = dict[tuple[str, ...], float]
PLACED = 30


@dataclass
class Counting:
    """One worker of each pool."""

    stack: Stack
    ports: dict[str, int] = field(default_factory=dict)
    workers: dict[str, Process] = field(default_factory=dict)

    def start(self) -> "Counting":
        """Places calls, has one refused, and one whose outcome nobody knows for a minute."""
        for pool in ("prefork", "threads"):
            self.ports[pool] = reserve_port()
            self.workers[pool] = self.stack.start_worker(pool, 2, METRICS_PORT=str(self.ports[pool]))
        self.stack.start(workers=0)
        wait_until(lambda: self.stack.health()["workers"] == 2)
        self.stack.simulator.fault(to="+12025550499", kind="error_before")
        for number in [*(f"+120255504{index:02}" for index in range(PLACED)), "+15005550001", "+12025550499"]:
            self.stack.queue("queue-single-call", to_number=number)
        wait_until(lambda: self.logged("call_placed") == PLACED)
        return self

    def logged(self, event: str, *pools: str) -> int:
        """How often these workers said so, or both."""
        return sum(self.workers[pool].output.count(f'"event": "{event}"') for pool in pools or self.workers)

    def samples(self) -> dict[str, Samples]:
        """What each worker's metrics tell, by its pool."""
        return {pool: _samples(port) for pool, port in self.ports.items()}


def _samples(port: int) -> Samples:
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples}


def total(samples: dict[str, Samples], *name: str) -> float:
    return sum(of_worker.get(name, 0) for of_worker in samples.values())
