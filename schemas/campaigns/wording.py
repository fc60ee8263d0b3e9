"""What a campaign says to each whom it calls, as far as that hangs on variables."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemas.spoken import template


@dataclass(frozen=True, slots=True)
class Wording:
    """Variables of a campaign."""

    FIELDS: ClassVar = ("variable_names", "metadata", "machine", "gather", "webhook_url")

    names: list[str]  #: that its recipients have
    wanted: frozenset[str]  #: that its texts name

    @classmethod
    def read(cls, values: Sequence[str | None]) -> "Wording":
        """Reads these fields of its record."""
        names, metadata, machine, gather, webhook_url = values
        pairs = ((metadata, "message"), (machine, "message"), (gather, "prompt"))
        texts = [json.loads(packed).get(field) for packed, field in pairs if packed]
        wanted = frozenset[str]().union(*(template.names(text) for text in texts if text))
        return cls(json.loads(names) if names else [], frozenset() if webhook_url else wanted)
