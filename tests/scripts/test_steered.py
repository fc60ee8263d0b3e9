"""Pause, cancel and retry at any instant: nothing leaves after the answer, nothing is lost, nobody is called twice."""

from random import Random
from typing import Any

import pytest

from schemas import keys
from schemas.campaigns.filling import Repetition, append
from schemas.campaigns.marks import COUNT_OF_MARK, Mark
from schemas.campaigns.retrying import Retry, retry
from schemas.campaigns.rows import Row
from schemas.records import COUNTS
from schemas.scripts.begin import Go
from schemas.scripts.cancel import pause, resume
from schemas.scripts.outcome import in_doubt, later, placed, refused
from tests.scripts.conftest import Store

#: In each life some twenty instants at which its client steers.
ROUNDS, LIVES = 4, 5
SETTLED = set(Mark) - {Mark.WAITING, Mark.AGAIN, Mark.DISPATCHED, Mark.LIVE}
FINAL = {"ended", "rejected", "unknown", "cancelled"}


class Life:
    """One campaign, and what its client, the workers and Twilio do with it in an order that is drawn."""

    def __init__(self, redis: Any, seed: int) -> None:
        redis.flushall()
        self.random, self.store = Random(seed), Store(redis, 1000, 60_000, 1000)
        self.numbers = [f"+120255501{place:02d}" for place in range(6)]
        self.campaign = self.store.campaign(*self.numbers, max_live=3, delay_seconds=1)
        self.admitted: list[str] = []
        self.dialling: list[str] = []
        self.placed: list[str] = []
        self.left: dict[str, int] = {}  #: how many requests of a call left that Twilio may have processed
        self.granted: dict[str, int] = {}  #: how many it may have
        self.paused = self.cancelled = False
        self.gone: set[str] = set()
        self.steps = 0

    def live(self) -> None:
        moves = [self.admit, self.begin, self.begin, self.settle, self.settle, self.end, self.end, self.wait]
        moves += [self.pause, self.resume, self.cancel_one, self.retry, self.retry, self.add, self.lose]
        for _ in range(60):
            self.random.choice(moves)()
        if self.random.random() < 0.3:
            self.cancel()
        for _ in range(20):
            self.resume()
            for move in (self.wait, self.admit, self.begin, self.settle, self.end):
                move()
                move()

    def admit(self) -> None:
        self.admitted += self.store.ledger.admit(5)

    def begin(self) -> None:
        self.store.pass_time(0.1)
        for call in list(self.admitted):
            self.steps += 1
            permission = self.store.ledger.begin(call, f"claim {self.steps}")
            if isinstance(permission, Go):
                assert not self.paused
                assert not self.cancelled
                assert call not in self.gone
                self.left[call] = self.left.get(call, 0) + 1
                assert self.left[call] <= self.granted.get(call, 1)
                self.dialling.append(call)
            elif self.store.state(call) == "dispatched":
                self.store.ledger.put_back(call)
            self.admitted.remove(call)

    def settle(self) -> None:
        if not self.dialling:
            return
        call = self.dialling.pop(self.random.randrange(len(self.dialling)))
        self.steps += 1
        kind = self.random.choice(["placed", "placed", "placed", "later", "number", "unknown"])
        results = {
            "placed": placed(f"CA{self.steps}", "queued", 60),
            "later": later(0),
            "number": refused("number", "no", by_twilio=True),
            "unknown": in_doubt("502"),
        }
        self.store.outcome(call, results[kind])
        self.store.redis.delete(keys.PREFIX + "hold", keys.PREFIX + "streak:unknown")
        if kind == "later":
            self.left[call] -= 1
        elif kind == "unknown":
            self.store.give_up(call)
        elif kind == "placed":
            self.placed.append(call)

    def end(self) -> None:
        if self.placed:
            call = self.placed.pop()
            attempt = int(self.store.task(call).get("attempt_number", 1))
            status = self.random.choice(["completed", "busy", "no-answer"])
            assert self.store.callback(call, status, attempt_number=attempt).verdict == "done"

    def wait(self) -> None:
        self.store.pass_time(self.random.choice([0.5, 2]))

    def pause(self) -> None:
        verdict = self.store.scripts.run(pause(self.campaign)).verdict
        self.paused = self.paused or verdict == "done"

    def resume(self) -> None:
        self.store.scripts.run(resume(self.campaign))
        self.paused = False

    def cancel_one(self) -> None:
        call = f"{self.campaign}-{self.random.randint(1, 6)}"
        if self.random.random() < 0.3 and self.store.cancel(call).done:
            self.gone.add(call)

    def cancel(self) -> None:
        self.cancelled = self.cancelled or self.store.cancel(self.campaign).done

    def retry(self) -> None:
        self.steps += 1
        before = dict(enumerate(self.marks(), start=1))
        self.store.scripts.run(retry(self.campaign, Retry("bnf"), Repetition(str(self.steps), ""), 30))
        for place, mark in enumerate(self.marks(), start=1):
            if mark != before[place]:
                call = f"{self.campaign}-{place}"
                assert before[place] in "bnf"
                self.granted[call] = self.granted.get(call, 1) + 1

    def add(self) -> None:
        self.steps += 1
        if self.steps % 5 == 0:
            number = f"+1303555{self.steps:04d}"
            script = append(self.campaign, [Row(number)], Repetition(f"add {self.steps}", ""))
            if self.store.scripts.run(script).verdict == "done":
                self.numbers.append(number)

    def lose(self) -> None:
        """The message to a worker got lost; the sweep finds that out."""
        if self.admitted:
            self.store.ledger.put_back(self.admitted.pop())

    def marks(self) -> str:
        return str(self.store.redis.get(keys.marks(self.campaign)))

    def check(self) -> None:
        marks, task = self.marks(), self.store.task(self.campaign)
        assert len(marks) == len(self.numbers) == int(task["total"])
        assert set(marks) <= SETTLED, marks
        assert task["state"] == ("cancelled" if self.cancelled else "finished")
        for count in COUNTS:
            expected = sum(COUNT_OF_MARK[Mark(mark)] == count for mark in marks)
            assert int(task.get(count, 0)) == expected, (count, marks, task)
        for place, mark in enumerate(marks, start=1):
            call = f"{self.campaign}-{place}"
            attempts = self.left.get(call, 0)
            assert attempts or mark == Mark.CANCELLED, (call, mark)
            assert self.store.state(call) in FINAL | {None}
        assert not self.store.redis.exists(keys.PREFIX + "in_campaigns", f"{keys.PREFIX}again:{self.campaign}")


@pytest.mark.parametrize("first", range(0, ROUNDS * LIVES, LIVES))
def test_whatever_is_steered_when_nothing_leaves_after_it_and_every_number_is_settled_once(
    redis: Any, first: int
) -> None:
    for seed in range(first, first + LIVES):
        life = Life(redis, seed)
        life.live()
        life.check()
