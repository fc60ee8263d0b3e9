"""
Random lives while Twilio's callbacks are lost, doubled, mixed up and late: python -m tests.e2e.lives [--seed N]

One client takes every event that is told, another only reads `events?after=`. Prints what each of them has; exits with
1 if they differ.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias

import requests

from tests.ports import reserve_port
from tests.processes import BASE_PATH, wait_until
from tests.receiver import Receiver
from tests.stack import Stack

LIVES: Final = 50
#: Of a hundred callbacks so many.
FAULTS: Final[Mapping[str, float]] = {
    "callback_drop": 0.2,
    "callback_double": 0.2,
    "callback_reorder": 0.2,
    "callback_late": 0.2,
}
_LATE_SECONDS: Final = 1.5
_OUTCOMES: Final = ("answered", "answered", "machine", "busy", "no-answer", "failed")
_PAGE: Final = 5
_SETTLED: Final = frozenset({"SUCCESS", "FAILURE", "REVOKED"})
_SETTINGS: Final = {
    "CALLS_PER_SECOND": "50",
    "SINGLE_CALLS_PER_MINUTE": "3000",
    "MAX_LIVE_CALLS": "500",
    "RECONCILE_AFTER_SECONDS": "3",
}
#: Of an event of a call; the first three, and whether it is a correction, tell it from all others.
_FIELDS: Final = ("TaskId", "Attempt", "CallStatus", "AnsweredBy", "Correction", "SequenceNumber")
Told: TypeAlias = tuple[str, ...]


class Difference(NamedTuple):
    """What one client has and the other has not, of one task."""

    task_id: str
    only_told: list[Told]
    only_read: list[Told]
    disordered: list[tuple[list[Told], list[Told]]]  #: of calls told otherwise than read, or not once: told, read


@dataclass
class Life:
    """A task, and what was read of it."""

    task_id: str
    path: str  #: where its events are told
    read: list[dict[str, Any]] = field(default_factory=list)

    def of_calls(self) -> list[Told]:
        return [_told(event["fields"]) for event in self.read if event["kind"] == "call"]

    def of_campaigns(self) -> list[Told]:
        return [_counted(event["fields"]) for event in self.read if event["kind"] == "campaign"]


class Lives:
    """Tasks that live at once, and both of their clients."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = Random(seed)
        port = reserve_port()
        settings = _SETTINGS | {"PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
        self.stack = Stack(folder, settings, "--speed", "10", "--seed", str(seed))
        self.stack.port = port
        self.receiver = Receiver()
        self.lives: list[Life] = []

    def __enter__(self) -> "Lives":
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.stop()
        self.receiver.close()

    def live(self, count: int) -> None:
        """Begins so many lives, steers some, and reads until each is over and Twilio has no more to tell."""
        self.stack.start()
        for kind, probability in FAULTS.items():
            self.stack.simulator.fault(
                to=None, kind=kind, probability=probability, times=None, seconds=_LATE_SECONDS, event=None
            )
        for index in range(count):
            self.lives.append(self._begin(index))
            self._read_on()
        for life in self._random.sample(self.lives, count // 6):
            self.stack.cancel(life.task_id)
        wait_until(self._all_over, what="every life is over")
        for life in self._random.sample(self.lives, count // 4):
            body = {"outcomes": ["busy", "no_answer", "failed", "machine"]}
            self.stack.post(f"tasks/{life.task_id}/retry", body)
        wait_until(self._all_over, what="every life is over again")
        wait_until(lambda: not self.differences(), what="both clients have the same")
        self._read_on()

    def differences(self) -> list[Difference]:
        """Of each task of which one client has not what the other has."""
        self._read_on()
        found = (self._difference(life) for life in self.lives)
        return [one for one in found if one.only_told or one.only_read or one.disordered]

    def faults(self) -> Counter[str]:
        """How many callbacks were lost, and so on."""
        return Counter(record["fault"] for record in self._callbacks() if record["fault"])

    def _begin(self, index: int) -> Life:
        numbers = [f"+1202{300 + index:03d}{place:03d}9" for place in range(self._random.choice((1, 1, 3)))]
        for number in numbers:
            self.stack.simulator.script(number, outcome=self._random.choice(_OUTCOMES))
        path = f"/life{index}"
        body: dict[str, Any] = {"status_callback_url": self.receiver.url + path}
        if self._random.random() < 0.5:
            body["call_metadata"] = {"message": "Hello", "machine_detection": "enable"}
        if len(numbers) == 1:
            return Life(self.stack.queue("queue-single-call", to_number=numbers[0], **body), path)
        body |= {"phone_numbers": numbers, "delay_between_calls": 1, "max_concurrent_calls": 2}
        return Life(self.stack.queue("queue-bulk-calls", **body), path)

    def _read_on(self) -> None:
        """As a client does that reads, and nothing else: each time behind the last event that it has."""
        for life in self.lives:
            while page := self._page(life):
                life.read += page

    def _page(self, life: Life) -> list[dict[str, Any]]:
        after = life.read[-1]["n"] if life.read else 0
        url = f"{self.stack.url}{BASE_PATH}/tasks/{life.task_id}/events?after={after}&limit={_PAGE}"
        return list(requests.get(url, timeout=10).json()["events"])

    def _all_over(self) -> bool:
        self._read_on()
        statuses = [self.stack.status(life.task_id) for life in self.lives]
        return (
            all(status["status"] in _SETTLED and not _is_live(status) for status in statuses)
            and all(call["ended"] for call in self.stack.simulator.calls())
            and all(_is_done(record) for record in self._callbacks())
        )

    def _callbacks(self) -> Iterator[dict[str, Any]]:
        return (record for call in self.stack.simulator.calls() for record in call["callbacks"])

    def _difference(self, life: Life) -> Difference:
        forms = [form for _, path, form, valid in list(self.receiver.events) if path == life.path and valid]
        of_calls = [_told(form) for form in forms if "CallStatus" in form]
        told = Counter(of_calls + [_counted(form) for form in forms if "TaskStatus" in form])
        read = Counter(life.of_calls() + life.of_campaigns())
        by_call, read_by_call = _by_call(of_calls), _by_call(life.of_calls())
        pairs = [(by_call.get(call, []), events) for call, events in read_by_call.items()]
        disordered = [(one, other) for one, other in pairs if one != other or len(set(other)) < len(other)]
        return Difference(life.task_id, list((told - read).elements()), list((read - told).elements()), disordered)


def _told(fields: Mapping[str, str]) -> Told:
    return tuple(fields.get(name, "") for name in _FIELDS)


def _counted(fields: Mapping[str, str]) -> Told:
    counts = sorted((name, value) for name, value in fields.items() if name.startswith("Count"))
    return (fields["TaskId"], fields["TaskStatus"], *(f"{name}={value}" for name, value in counts))


def _by_call(events: list[Told]) -> dict[str, list[Told]]:
    """The events of each call, in their order."""
    return {call: [event for event in events if event[0] == call] for call in {event[0] for event in events}}


def _is_live(status: Mapping[str, Any]) -> bool:
    """Whether Twilio has a call of the task that has not ended, as far as the task knows."""
    result = status["result"]
    return bool(result["counts"]["live"]) if "counts" in result else result.get("outcome") == "live"


def _is_done(record: Mapping[str, Any]) -> bool:
    return record["fault"] == "callback_drop" or record["http_status"] is not None or record["failure"] is not None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--lives", type=int, default=LIVES)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, Lives(Path(folder), options.seed) as lives:
        try:
            lives.live(options.lives)
        except AssertionError as error:
            print(error)
        differences = lives.differences()
        read = [event for life in lives.lives for event in life.read]
        calls = {event["call_id"] for event in read if event["kind"] == "call"}
        print(f"{len(lives.lives)} lives, {len(calls)} calls, {dict(Counter(event['kind'] for event in read))} read,")
        print(f"{len(lives.receiver.events)} told; callbacks: {dict(lives.faults())}; differences: {len(differences)}")
        for one in differences:
            print(one)
    return int(bool(differences))


if __name__ == "__main__":
    sys.exit(main())
