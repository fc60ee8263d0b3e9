"""What clients may ask for: numbers, hours, ends and options, at random."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.walks.gate import NAMES

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ZONES = ["UTC", "Asia/Tokyo", "America/Los_Angeles"]
#: By which a number tells what becomes of a call to it: see gate.py.
ENDINGS = ["0100", "0101", "0101", "0102", "0102", "0103", "0104"]
FROM_NUMBERS = ["+15005550006", "+15005550007"]


class Wishes:
    """Draws them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.numbers: dict[str, set[str]] = {name: set() for name in NAMES}
        self.next_number = 0

    def number(self, name: str) -> str:
        chosen = self.random.random()
        if chosen < 0.2 and self.numbers[name]:
            return self.random.choice(sorted(self.numbers[name]))
        self.next_number += 1
        number = f"+1212{200 + self.next_number % 700}{self.random.choice(ENDINGS)}"
        self.numbers[name].add(number)
        return number

    def in_seconds(self, low: float, high: float) -> str:
        return (
            datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=self.random.uniform(low, high))
        ).isoformat()

    def windows(self) -> dict[str, Any]:
        hour = datetime.fromtimestamp(time.time(), UTC).hour
        first = (hour - 1) % 24 if self.random.random() < 0.6 else (hour + self.random.randint(1, 12)) % 24
        last = (first + self.random.choice([2, 4, 12])) % 24
        window = {"days": DAYS, "start": f"{first:02d}:00", "end": f"{last:02d}:00"}
        return {"timezone": self.random.choice(["recipient", "UTC"]), "windows": [window]}

    def message(self) -> str:
        return self.random.choice(["Hello.", "Good day.", "{{pause 1}}Hello.", "Dear {{a}}", "{{b}} and {{a}}"])

    def options(self) -> dict[str, Any]:
        some: dict[str, Callable[[], Any]] = {
            "retry": lambda: {
                "max_attempts": self.random.randint(1, 3),
                "on": self.random.sample(["busy", "no_answer", "failed"], 2),
                **self.random.choice([{"delay_seconds": 60}, {"delay_seconds": 7200}, {"next_window": True}]),
            },
            "calling_windows": self.windows,
            "expires_at": lambda: self.in_seconds(5, self.random.choice([20, 20_000])),
            "opt_out_digit": lambda: "9",
            "gather": lambda: {"num_digits": 1, "timeout_seconds": 1},
            "machine": lambda: {"on_machine": "hang_up"},
            "ring_timeout_seconds": lambda: 20,
            "priority": lambda: self.random.choice(["high", "low"]),
            "call_metadata": lambda: {"message": self.message()},
        }
        chosen = {name: make() for name, make in some.items() if self.random.random() < 0.25}
        if chosen.get("retry", {}).get("next_window"):
            chosen["calling_windows"] = self.windows()
        return chosen

    def people(self, name: str, most: int) -> dict[str, Any]:
        numbers = [self.number(name) for _ in range(self.random.randint(1, most))]
        if self.random.random() < 0.4:
            return {"phone_numbers": numbers}
        recipients: list[dict[str, Any]] = []
        for number in numbers:
            one: dict[str, Any] = {"to_number": number}
            if self.random.random() < 0.5:
                one["timezone"] = self.random.choice(ZONES)
            if self.random.random() < 0.3:
                one["external_id"] = f"crm-{number[-7:]}"
            if self.random.random() < 0.6:
                one["variables"] = dict.fromkeys(self.random.sample(["a", "b"], 1 + len(recipients) % 2), "Ada & Co.")
            if self.random.random() < 0.15:
                one["expires_at"] = self.in_seconds(1, self.random.choice([15, 9000]))
            recipients.append(one)
        return {"recipients": recipients}
