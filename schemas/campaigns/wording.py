"""What a campaign says to each whom it calls, as far as that hangs on variables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.spoken import template


@dataclass(frozen=True, slots=True)
class Wording:
    """Variables of a campaign."""

    FIELDS: ClassVar = ("kind", "variable_names", "metadata", "machine", "gather", "webhook_url")

    names: list[str] | None  #: that its recipients have; None if there is no such campaign
    wanted: frozenset[str]  #: that its texts name
    metadata: Mapping[str, Any]  #: with the message
    left: str  #: on machines; '' for the message
    prompt: str  #: with which keys are asked for

    @classmethod
    def read(cls, values: Sequence[str | None]) -> "Wording":
        """Reads these fields of its record."""
        kind, names, metadata, machine, gather, webhook_url = values
        if kind != "bulk":
            return cls(None, frozenset(), {}, "", "")
        given: dict[str, Any] = json.loads(metadata or "{}")
        left, prompt = json.loads(machine or "{}").get("message", ""), json.loads(gather or "{}").get("prompt", "")
        texts = (given.get("message"), left, prompt)
        wanted = frozenset[str]().union(*(template.names(text) for text in texts if text))
        return cls(json.loads(names or "[]"), frozenset() if webhook_url else wanted, given, left or "", prompt or "")
