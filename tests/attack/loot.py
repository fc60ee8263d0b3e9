"""What an attacker with a key knows: whom he is after, and what our relay sent and signed for him."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Signed:
    """One event as it came over the wire."""

    target: str
    signature: str
    body: str

    @property
    def fields(self) -> Fields:
        return parse_qsl(self.body, keep_blank_values=True)


@dataclass
class Loot:
    """Ids of another client's tasks and SIDs of its calls, as if they had leaked; and every event that was caught."""

    base_url: str  #: of the server under attack
    ear_url: str  #: where the attacker listens
    ids: list[str] = field(default_factory=list)
    sids: list[str] = field(default_factory=list)
    caught: list[Signed] = field(default_factory=list)
