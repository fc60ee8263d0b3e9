"""Twilio and the way to it: what was posted, what was created, what is told of that, late, twice or never."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from schemas.records import CallRecord
from schemas.scripts.outcome import Result
from tests.walks.gate import Fault
from worker.twilio.outcomes import HangUp, HungUp, News, NotFound, NotYet

LIFE = ("initiated", "ringing", "in-progress")
ENDS = ("completed", "completed", "busy", "no-answer", "failed", "canceled")
OVER = frozenset(ENDS)


@dataclass(eq=False)
class Creation:
    """A call that Twilio has, or had."""

    sid: str
    call_id: str
    attempt: int
    to: str
    from_number: str
    created_ms: int
    status: str = "queued"
    events: list[tuple[int, str]] = field(default_factory=list)  #: SequenceNumber, CallStatus
    told: set[int] = field(default_factory=set)

    @property
    def over(self) -> bool:
        return self.status in OVER

    def become(self, status: str) -> None:
        self.status = status
        self.events.append((len(self.events), status))


@dataclass(eq=False)
class Post:
    """One request of a worker that has a permission."""

    call_id: str
    attempt: int
    tries: int
    to: str
    from_number: str
    leaves_us: int
    spacing_us: int = 0  #: behind the campaign's last one
    result: Result | None = None  #: what the worker tells of it, once it knows
    late_seconds: float | None = None


class Line:
    """Twilio's end, in the time of the room."""

    def __init__(self, random: Random, now_ms: Callable[[], int]) -> None:
        self.random, self.now_ms = random, now_ms
        self.created: list[Creation] = []
        self.to_come: list[tuple[int, Post]] = []  #: posts that create a call later, by when at the latest
        self.arrivals: list[tuple[int, str]] = []  #: microsecond at which a request came, and of which call
        self.refuses_account = False

    def create(self, post: Post) -> Creation:
        """A call begins; raises Fault if it was dialled already."""
        for other in self.created:
            if other.call_id == post.call_id and (other.attempt >= post.attempt or not other.over):
                raise Fault(f"{post} is dialled again, after {other}")
        made = Creation(
            f"CA{len(self.created):032d}", post.call_id, post.attempt, post.to, post.from_number, self.now_ms()
        )
        self.created.append(made)
        return made

    def come(self) -> None:
        """What was to come by now does, or never will."""
        for due_ms, post in list(self.to_come):
            if due_ms <= self.now_ms():
                self.to_come.remove((due_ms, post))
                if self.random.random() < 0.7:
                    self.create(post)

    def set_back(self, seconds: int) -> None:
        """The clock by which all of this is told."""
        self.arrivals = [(at_us - seconds * 1_000_000, call) for at_us, call in self.arrivals]
        self.to_come = [(due_ms - seconds * 1000, post) for due_ms, post in self.to_come]
        for one in self.created:
            one.created_ms -= seconds * 1000

    def go_on(self) -> None:
        """One call goes on."""
        going = [one for one in self.created if not one.over]
        if going:
            one = self.random.choice(going)
            step = len(one.events)
            ends = step >= len(LIFE) or self.random.random() < 0.2
            one.become(self.random.choice(ENDS) if ends else LIFE[step])

    # What the worker's telephone does.

    def find(self, call: CallRecord, since_ms: int, until_ms: int, clock: Callable[[], int]) -> list[News] | None:
        if self.random.random() < 0.15:
            return None
        hidden_ms = self.random.choice([0, 0, 5000])
        return [
            self._news(one)
            for one in reversed(self.created)
            if (one.to, one.from_number) == (call.to, call.from_number)
            and since_ms <= one.created_ms <= min(until_ms, self.now_ms() - hidden_ms)
        ]

    def fetch(self, sid: str) -> News | None:
        if self.random.random() < 0.15:
            return None
        return next((self._news(one) for one in self.created if one.sid == sid), News(sid, "unknown"))

    def hang_up(self, sid: str, _: str | None) -> HangUp:
        if self.random.random() < 0.2:
            return NotYet("No answer")
        for one in self.created:
            if one.sid == sid:
                if not one.over:
                    one.become("completed" if one.status == "in-progress" else "canceled")
                return HungUp()
        return NotFound()

    def accepts_us(self) -> bool:
        return not self.refuses_account

    def _news(self, one: Creation) -> News:
        over = {"ended_ms": self.now_ms(), "duration_seconds": 3} if one.over else {}
        return News(one.sid, one.status, one.to, one.from_number, one.created_ms, **over)  # type: ignore[arg-type]
