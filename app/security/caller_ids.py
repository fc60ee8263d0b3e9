"""From which numbers calls may come."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.e164 import number_of


@dataclass(frozen=True, slots=True)
class CallerIds:
    """The operator's caller ids; without any, every number is one."""

    default: str  #: of calls that name none; '' without one
    everybodys: frozenset[str] = frozenset()
    owners: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  #: number -> names of API keys that alone have it

    @classmethod
    def parse(cls, default: str, entries: str) -> "CallerIds":
        """Reads comma-separated `+1…` and, of one name, `name=+1…`; raises ValueError if one is neither."""
        everybodys: set[str] = set()
        owners: dict[str, frozenset[str]] = {}
        for entry in entries.split(",") if entries else ():
            name, equals, text = entry.strip().rpartition("=")
            if (number := number_of(text)) is None or (equals and not name):
                raise ValueError("an entry is neither a number nor a name with one")
            if equals:
                owners[number] = owners.get(number, frozenset()) | {name}
            else:
                everybodys.add(number)
        return cls(default, frozenset(everybodys), owners)

    def __str__(self) -> str:
        own = (f"{name}={number}" for number, names in self.owners.items() for name in names)
        return ",".join(sorted([*self.everybodys, *own]))

    def names(self) -> frozenset[str]:
        """Names that have numbers of their own."""
        return frozenset().union(*self.owners.values())

    def allow(self, number: str, name: str | None) -> bool:
        """Whether calls of this name may come from the number. The default one is everybody's unless a name has it."""
        if number in self.everybodys:
            return True
        if number in self.owners:
            return name in self.owners[number]
        return number == self.default or not (self.everybodys or self.owners)
