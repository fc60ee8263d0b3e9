"""One walk: move after move with a look after each, then everything is let go on until all is over."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from schemas.campaigns.editing import edit
from schemas.hours.plan import Policy
from schemas.scripts.cancel import resume as resume_task
from schemas.scripts.holds import resume
from tests.walks.gate import Fault
from tests.walks.moves.books import Books
from tests.walks.moves.clients import Clients
from tests.walks.moves.hands import Hands
from tests.walks.moves.operating import Operator
from tests.walks.moves.posts import Posts
from tests.walks.moves.relays import Relays
from tests.walks.moves.room import CALLS_PER_SECOND, Room, small_steps
from tests.walks.moves.shelf import Shelf

_GAPS = [0, 0, 0, 0.02, 0.1, 0.25, 1, 3, 12, 35, 70, 400]
_OFTEN, _SELDOM = 8, 1
OVER = {"ended", "rejected", "unknown", "cancelled", "finished"}


class Move(NamedTuple):
    """What is done, and what all that it draws comes from."""

    name: str
    seed: int


class Course:
    """All who move, in one room."""

    def __init__(self, redis: Any) -> None:
        self.room = Room(redis, 0)
        room, policy = self.room, Policy()
        self.clients, self.hands, self.relays = Clients(room), Hands(room, policy), Relays(room)
        self.posts, operator = Posts(room), Operator(room)
        clients, hands, posts = self.clients, self.hands, self.posts
        self.moves: dict[str, tuple[int, Callable[[], None]]] = {
            **{move.__name__: (_OFTEN, move) for move in (hands.admit, hands.leave, hands.settle, posts.callback)},
            **{move.__name__: (_OFTEN, move) for move in (hands.message, posts.go_on, self.wait, hands.clock)},
            **{move.__name__: (4, move) for move in (hands.sweep, self.relays.turn, room.run_old)},
            **{move.__name__: (2, move) for move in (clients.single, clients.campaign, clients.cancel, clients.retry)},
            **{move.__name__: (2, move) for move in (clients.edit, clients.pause, clients.resume, clients.further)},
            **{move.__name__: (_SELDOM, move) for move in (clients.take_back, clients.take_back_rows, clients.delete)},
            **{move.__name__: (_SELDOM, move) for move in (clients.opt_out, clients.opt_in, clients.forget_number)},
            **{move.__name__: (_SELDOM, move) for move in (operator.drain, operator.limits, hands.account)},
            **{move.__name__: (_SELDOM, move) for move in (operator.restore, operator.requeue, self.relays.redeliver)},
            **{move.__name__: (_SELDOM, move) for move in (posts.verdict, hands.late_check, hands.old_give_up)},
            hands.set_back.__name__: (_SELDOM, hands.set_back),
        }

    def wait(self) -> None:
        self.room.pass_time(self.room.random.choice(_GAPS))

    def draw(self, random: Random) -> Move:
        names = list(self.moves)
        (name,) = random.choices(names, [self.moves[one][0] for one in names])
        return Move(name, random.getrandbits(32))

    def do(self, move: Move) -> None:
        """Raises Fault for what must not be."""
        self.room.random.seed(move.seed)
        self.moves[move.name][1]()
        books = Books(self.room)
        if move.name == "edit":
            books.note_lowered()
        books.check()

    def finish(self) -> None:
        """Everything is resumed, nothing fails any more, and all comes to its end."""
        room = self.room
        room.run(resume())
        room.drained, room.line.refuses_account = False, False
        for turn in range(400):
            room.random.seed(turn)
            if turn % 10 == 0:
                self._let_go()
            for name in ("clock", "sweep", "admit", *["message"] * 8, *["leave"] * 8, *["settle"] * 8, *["turn"] * 3):
                self.moves[name][1]()
            for _ in range(10):
                self.posts.go_on()
                self.posts.callback()
            room.pass_time(0.3 if turn < 150 else 20 if turn < 250 else 1800)
            if turn % 10 == 0:
                Books(room).check()
                if self._is_over():
                    break
        self._need_the_end()

    def _let_go(self) -> None:
        """Nothing is paused, by itself neither, or waits for windows."""
        for task in self.room.tasks.values():
            if not task.deleted:
                self.room.run(resume_task(task.id))
                task.paused = False
            if "windows" in self.room.store.task(task.id):
                anew = {"windows": None} | ({"unplanned": "1"} if task.bulk else {"closes_ms": "1"})
                self.room.run(edit(task.id, anew, "without windows"))

    def _is_over(self) -> bool:
        shelf = Shelf(self.room.redis)
        return not shelf.get("untold") and all(its["state"] in OVER for its in shelf.tasks.values())

    def _need_the_end(self) -> None:
        books = Books(self.room)
        books.check()
        books.need(not books.shelf.get("live"), "is live at the end", books.shelf.get("live"))
        for name, its in books.shelf.tasks.items():
            books.need(its["state"] in OVER, name, its, "is not over")
        for task in self.room.tasks.values():
            books.need(task.deleted or task.unheard or task.id in books.shelf.tasks, task, "is lost")
        books.need(not books.shelf.get("untold"), "was never told", books.shelf.get("untold"))
        self._need_ends(books)
        self._need_pace()

    def _need_ends(self, books: Books) -> None:
        """Each attempt that Twilio had was told the end of, and no call was made that its record does not know."""
        for made in self.room.line.created:
            record = books.calls.get(made.call_id)
            if record is None:
                continue
            known = [record.get("sid"), *(one.get("sid") for one in json.loads(record.get("attempts", "[]")))]
            books.need(made.sid in known or record["state"] == "unknown", made, "is not known by", record)
            whose = self.room.task_of(made.call_id).id, made.call_id.removeprefix(self.room.task_of(made.call_id).id)
            ends = books.ends[whose[0], whose[1].removeprefix("-"), str(made.attempt)]
            books.need(ends == 1, made, "has", ends, "ends", record)

    def _need_pace(self) -> None:
        times = sorted(at_us for at_us, _ in self.room.line.arrivals)
        for first, beyond in zip(times, times[CALLS_PER_SECOND:], strict=False):
            if beyond - first < 1_000_000 - 10:
                raise Fault(f"{CALLS_PER_SECOND + 1} requests came within {beyond - first} microseconds")


def walk(redis: Any, moves: list[Move]) -> None:
    """Raises Fault for what must not be."""
    with small_steps():
        course = Course(redis)
        for move in moves:
            course.do(move)
        course.finish()


def drawn(redis: Any, seed: int, steps: int) -> list[Move]:
    """The moves of a walk."""
    random = Random(seed)
    course = Course(redis)
    return [course.draw(random) for _ in range(steps)]


def shrunk(redis: Any, moves: list[Move]) -> list[Move]:
    """As few of them as still end in a fault."""
    size = len(moves) // 2
    while size:
        at = 0
        while at < len(moves):
            fewer = moves[:at] + moves[at + size :]
            if _fails(redis, fewer):
                moves = fewer
            else:
                at += size
        size //= 2
    return moves


def _fails(redis: Any, moves: list[Move]) -> bool:
    try:
        walk(redis, moves)
    except Fault:
        return True
    return False
