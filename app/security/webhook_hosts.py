"""Whose TwiML may decide what becomes of an answered call: it can dial on to anywhere."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebhookHosts:
    """Hosts of `webhook_url`; without any, every host is allowed."""

    hosts: frozenset[str] = frozenset()
    parents: tuple[str, ...] = ()  #: `.example.com` for `*.example.com`, which is not example.com itself

    @classmethod
    def parse(cls, text: str) -> "WebhookHosts":
        """Reads comma-separated names and addresses, with `*.` for all below one; raises ValueError for all else."""
        entries = [entry.strip().lower() for entry in text.split(",")] if text else []
        if not all(_HOST.fullmatch(entry) for entry in entries):
            raise ValueError("an entry is no host")
        parents = tuple(entry[1:] for entry in entries if entry.startswith("*."))
        return cls(frozenset(entry.strip("[]") for entry in entries if not entry.startswith("*.")), parents)

    def allow(self, url: str) -> bool:
        """Whether the host of this URL, at any port, is one of them. What others may read as another host is none."""
        if not (self.hosts or self.parents):
            return True
        host = (urlsplit(url).hostname or "").rstrip(".")
        return bool(_HOST.fullmatch(host)) and (host in self.hosts or host.endswith(self.parents))
