"""explain.lua: a record, and the facts that decide when its task may go."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.errors import RecordError
from schemas.lua.script import Script, paired

_TEXTS: Final = frozenset({"state", "campaign", "hold_reason", "paused", "closed", "marks", "sets"})
_DAY_US: Final = 86_400_000_000


class Facts(NamedTuple):
    """What explain.lua found, all of it at one instant; what is not so is 0."""

    now_us: int = 0
    state: str = ""
    campaign: str = ""  #: id of the campaign, of a campaign itself too
    due_ms: int = 0  #: if that is to come
    opens_ms: int = 0  #: when its windows open
    closes_ms: int = 0  #: when they close
    expires_ms: int = 0  #: when what of the campaign has not begun ends
    slot_us: int = 0
    later_ms: int = 0  #: from when on it may go, if that is not now
    capped_ms: int = 0  #: until then its number is not called again, since it was as often as it may be
    again_ms: int = 0  #: when a call is to be tried again, if that is not now
    again_later: int = 0  #: calls of the campaign that are to be tried again later, though their windows are open
    capped_later: int = 0  #: those that wait likewise because of a cap
    unplanned: int = 0  #: of the campaign it is still to be worked out when its windows open
    shut: int = 0  #: numbers of the campaign whose windows are closed, if those of all are
    closed: str = ""  #: letters of its sets that are closed, if those of others are open
    marks: str = ""  #: then a letter for each row, where it stands
    sets: str = ""  #: and one for its set
    dispatched: int = 0  #: calls of the campaign that are on their way to a worker
    check_ms: int = 0
    ahead: int = 0  #: due before it: of single calls, or of campaigns, as it is itself one
    ahead_in_other_line: int = 0  #: of the others
    account_free_us: int = 0
    paused_us: int = 0
    singles_free_us: int = 0
    live: int = 0
    talked_ms: int = 0  #: how long calls lasted in this UTC day together, if that is as long as they may
    overdue: int = 0  #: calls that workers should have let go, if there are so many that no more are handed out
    hold_reason: str = ""
    probe_ms: int = 0
    drained_ms: int = 0
    workers: int = 0
    beats: int = 0
    campaign_live: int = 0
    campaign_max_live: int = 0
    delay_us: int = 0  #: between two calls of the campaign
    edits: int = 0  #: of the task
    rows_before: int = 0  #: numbers of its campaign that go before it
    paused: str | None = None  #: why the campaign is paused, '' if somebody wanted it so; None if it is not
    numbers: int = 0  #: of the campaign, not dialled yet
    cut: int = 0  #: whether less is told of them than a run for it alone would tell

    @classmethod
    def read(cls, task_id: str, words: Sequence[str]) -> "Facts":
        """Raises RecordError if the task's record is damaged, TypeError if the script tells what is no fact."""
        try:
            told: dict[str, Any] = {
                name: word if name in _TEXTS else int(word) if word.isdigit() else round(float(word))
                for name, word in paired(words).items()
            }
            return cls(**told)
        except (ValueError, TypeError) as error:
            if strange := set(words[::2]).difference(cls._fields):
                raise TypeError(f"explain.lua tells what is no fact: {', '.join(sorted(strange))}") from None
            raise RecordError(f"The record of task {task_id} is damaged: {error!r}") from error

    @property
    def day_ends_ms(self) -> int:
        """When the next UTC day begins."""
        return (self.now_us // _DAY_US + 1) * _DAY_US // 1000

    @property
    def calls_ahead(self) -> int:
        """Calls that go first. A campaign passes single calls while their own pace holds them."""
        passes = bool(self.campaign) and self.singles_free_us > max(self.now_us, self.account_free_us)
        return self.ahead + (0 if passes else self.ahead_in_other_line)


class Explained(NamedTuple):
    """A task's record, with what its campaign's says for it, and the facts as the script lists them."""

    fields: Mapping[str, str]
    facts: Facts


class Explanation(NamedTuple):
    """What explain.lua answered of one task, not read yet: of many, one may be damaged."""

    task_id: str
    answer: Any
    of_all: list[str]  #: facts of whatever waits

    def read(self) -> Explained | None:
        """None if there is no such task; raises RecordError if its record is damaged."""
        if not self.answer:
            return None
        if isinstance(self.answer, str):
            raise RecordError(f"The record of task {self.task_id} is damaged: {self.answer}")
        record, shared, facts, waits = self.answer
        fields = paired(record)
        if shared:  # of a campaign's call
            fields = {name: value for name, value in zip(("from", "metadata"), shared, strict=True) if value} | fields
        return Explained(fields, Facts.read(self.task_id, facts + self.of_all if waits else facts))


def explain(task_id: str, most_minutes: int = 0) -> Script[Explained | None]:
    """What is known of a task; None if there is no such task."""
    return Script("explain", (most_minutes, task_id), lambda answer: Explanation(task_id, answer[1], answer[0]).read())


def explain_all(task_ids: Sequence[str], most_minutes: int = 0) -> Script[list[Explanation]]:
    """What is known of each of these tasks."""

    def read(answer: Any) -> list[Explanation]:
        return [Explanation(task_id, one, answer[0]) for task_id, one in zip(task_ids, answer[1:], strict=True)]

    return Script("explain", (most_minutes, *task_ids), read)
