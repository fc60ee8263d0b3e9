"""The metrics of workers: of all their processes, and each call once."""

from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import QUICK
from tests.ports import reserve_port
from tests.processes import Process, wait_until
from tests.stack import Stack


def _samples(port: int) -> dict[tuple[str, ...], float]:
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples}


def _logged(worker: Process, event: str) -> int:
    return worker.output.count(f'"event": "{event}"')


#: A call is unknown a minute after its request must be over.
UNKNOWN_SECONDS = 120.0


def test_each_worker_counts_what_all_of_its_processes_did(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {**QUICK, "RECONCILE_AFTER_SECONDS": "1", "TWILIO_TIMEOUT_SECONDS": "2"})
    try:
        ports = {pool: reserve_port() for pool in ("prefork", "threads")}
        workers = {pool: stack.start_worker(pool, 2, METRICS_PORT=str(port)) for pool, port in ports.items()}
        stack.start(workers=0)
        wait_until(lambda: stack.health()["workers"] == 2)
        stack.simulator.fault(to="+12025550499", kind="error_before")
        for number in [*(f"+120255504{index:02}" for index in range(30)), "+15005550001", "+12025550499"]:
            stack.queue("queue-single-call", to_number=number)
        wait_until(lambda: sum(_logged(worker, "call_placed") for worker in workers.values()) == 30)
        wait_until(lambda: sum(_logged(worker, "call_unknown") for worker in workers.values()) == 2, UNKNOWN_SECONDS)
        samples = {pool: _samples(port) for pool, port in ports.items()}
        for pool, worker in workers.items():
            placed = _logged(worker, "call_placed")
            assert placed > 0
            assert samples[pool]["calls_settled_total", "none", "placed"] == placed
            assert samples[pool]["call_lateness_seconds_count",] >= placed
            assert samples[pool]["twilio_request_seconds_count", "place"] >= placed
        assert _total(samples, "calls_settled_total", "number", "refused") == 1
        assert _total(samples, "calls_settled_total", "none", "in_doubt") == 1
        assert _total(samples, "calls_unknown_total") == 1
    finally:
        stack.stop()


def _total(samples: dict[str, dict[tuple[str, ...], float]], *name: str) -> float:
    return sum(of_worker.get(name, 0) for of_worker in samples.values())
