"""How soon after the end of a call the next call of a full campaign is at Twilio."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.benchmarks.lateness import LIMITS
from tests.benchmarks.table import Row
from tests.ports import reserve_port
from tests.processes import wait_until
from tests.stack import Stack

CAMPAIGNS: Final = 20
NEXT_CALLS_A_ROUND: Final = 5  #: of each campaign
#: A call lasts 1.4 s: longer than the least `delay_between_calls`, so that only the cap holds the next one.
CALL_SECONDS: Final = 1.4
SIMULATOR: Final = ("--speed", "10", "--answer-after", "2", "--talk", "12")


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """The one row; `folder` is empty."""
    port = reserve_port()
    stack = Stack(folder, {**LIMITS, "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}, *SIMULATOR)
    stack.port = port
    try:
        stack.start()
        gaps_ms = sorted(_gaps_ms(stack, 1 + rounds * NEXT_CALLS_A_ROUND))
    finally:
        stack.stop()
    p99_ms = gaps_ms[len(gaps_ms) * 99 // 100]
    yield Row("call ended to next call of the campaign at Twilio, p99", "ms", p99_ms, "allowed", 100, 1, "most")


def _gaps_ms(stack: Stack, numbers: int) -> list[float]:
    """From each end, at which the callback leaves, to the creation of the campaign's next call."""
    campaigns = [
        [f"+1202{200 + campaign:03d}{index:03d}9" for index in range(numbers)] for campaign in range(CAMPAIGNS)
    ]
    for called in campaigns:
        stack.queue("queue-bulk-calls", phone_numbers=called, delay_between_calls=1, max_concurrent_calls=1)
        time.sleep(CALL_SECONDS / CAMPAIGNS)  # so that their calls do not end all at once
    time.sleep(numbers * CALL_SECONDS)  # asking all the time would hold up what is measured
    wait_until(lambda: stack.simulator.created() == CAMPAIGNS * numbers, 60, "every number is called")
    by_number = {call["to"]: call for call in stack.simulator.calls()}
    return [
        (by_number[after]["created_at"] - by_number[before]["ended"]) * 1000
        for called in campaigns
        for before, after in pairwise(called)
    ]
