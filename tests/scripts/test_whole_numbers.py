"""What scripts write as a whole number is one: Lua cuts a fraction off, and makes any number of nan and infinity."""

import hashlib
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from runtime import scripts as runner
from schemas.lua.source import source
from tests.scripts.arguments import script
from tests.scripts.test_twice import SCRIPTS, STEPS
from tests.scripts.world import World

_INT = "local function int(value) return"
_HELD = "local function int(value) assert(math.abs(value) < 2 ^ 53, value) return"


def _source(name: str) -> str:
    return source(name).replace(_INT, _HELD)


def _digest(name: str) -> str:
    return hashlib.sha1(_source(name).encode(), usedforsecurity=False).hexdigest()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(steps=st.lists(STEPS, min_size=2, max_size=10), seed=st.integers(0, 2**16))
def test_no_script_makes_a_whole_number_of_what_is_none(redis: "Redis", steps: list[str], seed: int) -> None:
    assert _source("admit") != source("admit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "source", _source)
        patch.setattr(runner, "digest", _digest)
        world = World(redis, Random(seed))
        for step in ("begin", *steps):
            world.step(step)
        for name in SCRIPTS:
            world.store.scripts.run(script(world, name))
