"""The month of bad days counts what the program does, not how quickly this machine lets it be seen."""

from itertools import count
from pathlib import Path

from tests.e2e.month import Month
from tests.receiver import Receiver

FAILURES = 3  #: of the first event; the gaps between the attempts double, from a second on


def test_a_final_event_that_events_before_it_hold_back_is_waited_for(tmp_path: Path) -> None:
    tries = count()

    def answer(_path: str, form: dict[str, str]) -> int:
        return 503 if form["CallStatus"] == "initiated" and next(tries) < FAILURES else 204

    month = Month(tmp_path, seed=1)
    month.receiver.close()
    month.receiver = Receiver(answer)
    try:
        month.start()
        month.queue_single("one")
        verdict = month.verdict()
    finally:
        month.stop()

    assert (verdict.accepted, verdict.created, verdict.clean) == (1, 1, True), verdict
