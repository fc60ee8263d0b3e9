"""list_calls.lua: calls of several tasks, with when each changed last."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.campaigns.marks import OUTCOMES, Mark
from schemas.lua.script import Script
from schemas.scripts.cancel import ALL, of
from schemas.states import CallOutcome


class Touched(NamedTuple):
    """What is known of a call without reading all of its record."""

    call_id: str
    updated_ms: int
    number: str
    mark: Mark
    campaign_id: str  #: '' if it is of none
    untold: int  #: events that its client does not have: given up, or being repeated

    @property
    def outcome(self) -> CallOutcome:
        """What became of it."""
        return OUTCOMES[self.mark]

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in a list by last change."""
        return self.updated_ms, self.call_id


def live_of(client: str | None) -> str:
    """Live calls of one name, or of everybody for None."""
    return ALL if client is None else of(client)


def list_calls(task_ids: Sequence[str], most_rows: int, live: str = "") -> Script[list[Touched]]:
    """Calls of these tasks, of campaigns so many that began last, and what is live, '' for none of that."""
    return Script("list_calls", (most_rows, live, *task_ids), _calls)


def _calls(answer: Any) -> list[Touched]:
    return [
        Touched(call_id, int(updated_ms), number, Mark(mark), campaign_id, untold)
        for call_id, updated_ms, number, mark, campaign_id, untold in answer
    ]
