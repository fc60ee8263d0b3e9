"""Where the operations of the document are to be found: what Twilio posts has an address too."""

from collections.abc import Mapping
from typing import Any

from app.documentation.openapi import WEBHOOKS


def by_address(document: Mapping[str, Any]) -> dict[str, Any]:
    """Its paths, and those that only Twilio may use."""
    return {**document["paths"], **{path: document["webhooks"][name] for path, name in WEBHOOKS.items()}}
