"""list_tasks.lua: the tasks of one client or of all, newest first."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from schemas.lua.script import Script


class Place(NamedTuple):
    """Where in the list a task stands."""

    created_ms: int
    task_id: str


class Span(NamedTuple):
    """Whose tasks are listed, accepted when."""

    clients: Sequence[str] = ()  #: none: everybody's
    from_ms: int = 0
    before_ms: int | None = None


class Sieve(NamedTuple):
    """Which tasks are shown of those that are looked at; '' and () for any."""

    kind: str = ""
    name: str = ""  #: its beginning
    external_id: str = ""
    states: Sequence[str] = ()


class Listed(NamedTuple):
    """What the list knows of a task without its record."""

    task_id: str
    created_ms: int
    client: str  #: name of the API key that it came with; '' if it came without

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.created_ms, self.task_id)


class Sheet(NamedTuple):
    """Those that are wanted of some tasks, and where to go on; None if there are no more."""

    tasks: Sequence[Listed]
    behind: Place | None


_ALL: Final = Sieve()


def list_tasks(span: Span, behind: Place | None, most: int, sieve: Sieve = _ALL) -> Script[Sheet]:
    """Looks at so many tasks at most."""
    before_ms = "" if span.before_ms is None else span.before_ms
    states = f"|{'|'.join(sieve.states)}|" if sieve.states else ""
    words = (most, span.from_ms, before_ms, *(behind or ("", "")), *sieve[:3], states, *span.clients)
    return Script("list_tasks", words, _sheet)


def _sheet(answer: Any) -> Sheet:
    rows, last = answer
    words = zip(rows[::3], rows[1::3], rows[2::3], strict=True)
    tasks = [Listed(task_id, int(created_ms), client) for task_id, created_ms, client in words]
    return Sheet(tasks, Place(int(last[0]), last[1]) if last else None)
