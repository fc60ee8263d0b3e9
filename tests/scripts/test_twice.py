"""Every script may run twice with the same arguments: the second run changes nothing, whatever went before."""

from collections.abc import Callable, Iterable
from importlib.resources import files
from itertools import cycle
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from schemas.hours.closing import ClosedSome
from tests.scripts.arguments import script
from tests.scripts.clockwork import clockwork
from tests.scripts.world import World

#: Each run of these hands out something else, and a lost answer is made up for by its lease.
HAND_OUT = {"admit", "checks", "closed"}


#: How what is kept under a name is read.
READ: dict[str, Callable[[Any, str], Any]] = {
    "hash": lambda of, name: of.hgetall(name),
    "zset": lambda of, name: of.zrange(name, 0, -1),
    "set": lambda of, name: of.smembers(name),
    "stream": lambda of, name: of.xrange(name),
    "list": lambda of, name: of.lrange(name, 0, -1),
    "string": lambda of, name: of.get(name),
    "none": lambda of, name: of.get(name),
}


def of_each(redis: Any, names: Iterable[str], *questions: Callable[[Any, str], Any]) -> list[Any]:
    """The answers to a question about each of the names, or to one for each, in one round trip."""
    with redis.pipeline(transaction=False) as asked:
        for question, name in zip(cycle(questions), names):
            question(asked, name)
        return list(asked.execute())


def keyspace(redis: Any) -> dict[str, Any]:
    """All that Redis holds, but for instants."""
    names = list(redis.scan_iter("*", count=1000))
    kinds = of_each(redis, names, lambda of, name: of.type(name))
    values = of_each(redis, names, *(READ[kind] for kind in kinds))
    found = {name: without_instants(kind, value) for name, kind, value in zip(names, kinds, values, strict=True)}
    # Others ended while they were read.
    return {name: value for name, value in found.items() if value or value == ""}


def without_instants(kind: str, value: Any) -> Any:
    if kind == "hash":
        return {field: "" if field.endswith(("_ms", "_us")) else text for field, text in value.items()}
    return sorted(member.partition("|")[2] or member for member in value) if kind == "zset" else value


SCRIPTS = sorted(
    file.name.removesuffix(".lua") for file in files("schemas.scripts").iterdir() if file.name.endswith(".lua")
)
STEPS = st.sampled_from(
    ["begin", "begin", "wait", "wait", "outcome", "outcome", "news", "clock", "checks", "give up", "cancel", "pause"]
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_second_run_of_a_script_changes_nothing(redis: "Redis", name: str) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(steps=st.lists(STEPS, min_size=2, max_size=10), seed=st.integers(0, 2**16))
    def run_twice(steps: list[str], seed: int) -> None:
        world = World(redis, Random(seed))
        for name_of_step in ("begin", *steps):
            world.step(name_of_step)
        drawn = script(world, name)
        redis.hset("clock", mapping=dict(zip(("seconds", "microseconds"), redis.time(), strict=True)))
        with clockwork():  # at one instant: else something comes due between the two
            first = world.store.scripts.run(drawn)
            once = keyspace(redis)
            ends = of_each(redis, once, lambda of, key: of.ttl(key))
            # Others may end by themselves, on a slow machine.
            lasting = {key for key, seconds in zip(once, ends, strict=True) if seconds == -1}
            second = world.store.scripts.run(drawn)
        if name in HAND_OUT:
            assert handed_out(first).isdisjoint(handed_out(second))
        else:
            twice = keyspace(redis)
            assert twice == {key: value for key, value in once.items() if key in lasting or key in twice}

    run_twice()


def handed_out(answer: Any) -> set[str]:
    """What a script gave to whoever ran it."""
    if isinstance(answer, ClosedSome):
        answer = answer.found
    if isinstance(answer, list):
        return {str(getattr(one, "call_id", getattr(one, "id", one))) for one in answer}
    return {answer.call.id} if answer.call else set()
