"""Guards of scripts: pieces without which harm comes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from runtime import scripts as runner
from schemas.lua.source import digest, source
from tests.scripts.conftest import Store

Without = Callable[..., Store]


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, redis: Any) -> Without:
    """Takes a piece out of a script; returns a store whose ledger runs it so."""

    def take_out(script: str, guard: str, instead: str = "") -> Store:
        whole = source(script)
        assert whole.count(guard) == 1, f"{script} no longer holds {guard!r} once"
        broken = whole.replace(guard, instead)
        broken_digest = hashlib.sha1(broken.encode(), usedforsecurity=False).hexdigest()
        monkeypatch.setattr(runner, "source", lambda name: broken if name == script else source(name))
        monkeypatch.setattr(runner, "digest", lambda name: broken_digest if name == script else digest(name))
        return Store(redis, 1000, 60_000, 1000)

    return take_out


@dataclass(frozen=True)
class Guard:
    """A piece of a script, and the harm that comes without it."""

    harm: Callable[[Store], bool]
    script: str
    text: str
    instead: str = ""  #: stands in its place

    def name(self) -> str:
        """That of the harm."""
        return self.harm.__name__

    def check(self, store: Store, without: Without) -> None:
        """Fails unless the harm comes exactly when the guard is taken out."""
        assert not self.harm(store)
        store.redis.flushall()
        assert self.harm(without(self.script, self.text, self.instead))
