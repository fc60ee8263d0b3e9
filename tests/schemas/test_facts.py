"""What Lua and Python must agree on is written once, in Python."""

import re
from importlib.resources import files

import pytest

from schemas.lua.facts import (
    CAMPAIGN_FIELDS,
    HORIZON_US,
    LEAD_US,
    LEAVES_WITHIN_US,
    MOST_LATE_US,
    WAKE_US,
    WAY_US,
    lua_facts,
)
from schemas.records import VERSION
from worker.twilio.departure import LEAVE_WITHIN_SECONDS

FACTS = dict(re.findall(r"^local (\w+) = (.+)$", lua_facts(), re.MULTILINE))
NUMBERS = {name: float(value) for name, value in FACTS.items() if not value.startswith("{")}
LISTS = {name: set(re.findall(r"[a-z_]{2,}", value)) - {"true"} for name, value in FACTS.items() if value[0] == "{"}
#: Small numbers mean something else elsewhere: what stands on a line with this is the fact.
SUBJECTS = {
    "VERSION": "'v', *",
    "RANKS": "rank = 1, *",
    "MOST_ATTEMPTS": "attempt >= *",
    "WORKER_FRESH_MS": "'workers'.*- *",
    "BEAT_FRESH_MS": "'beats'.*- *",
    "PART_FRESH_MS": "'parts'.*- *",
    "MOST_SLEEP_MS": r"'lines'.*2 \* *",
}

_FOLDER = files("schemas.scripts")
SCRIPTS = {
    file.name: file.read_text("utf-8")
    for folder in (_FOLDER, _FOLDER.joinpath("shared"))
    for file in folder.iterdir()
    if file.name.endswith(".lua")
}


def repeated(text: str) -> set[str]:
    """Names of the facts that this Lua defines anew, or whose values it writes down."""
    code = re.sub(r"--.*", "", text)
    defined = {name for name in FACTS if re.search(rf"(?<![\w.']){name}\s*(,[\w\s,]*)?=(?!=)|function {name}\b", code)}
    numbers = {
        name
        for name, value in NUMBERS.items()
        for literal in re.findall(rf"{SUBJECTS.get(name, '')}(?<![\w.])(\d[\d.]*(?:[eE]\d+)?)(?![\w.])", code)
        if float(literal) == value
    }
    brackets = re.findall(r"\{[^{}]*\}|\([^()]*\)", code)
    lists = {name for name, words in LISTS.items() for one in brackets if words <= set(re.findall(r"\w+", one))}
    return defined | numbers | lists


def test_there_are_facts_and_scripts() -> None:
    assert {"VERSION", "MOST_LATE_US", "RANK_STEP", "WORKER_FRESH_MS", "BEAT_FRESH_MS"} <= set(NUMBERS)
    assert {"LIVE", "FINAL", "CAMPAIGN_FIELDS"} <= set(LISTS)
    assert {"accept.lua", "prelude.lua"} <= set(SCRIPTS)


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_repeats_a_fact(name: str) -> None:
    assert repeated(SCRIPTS[name]) == set()


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("local VERSION = 1", "VERSION"),
        (f"redis.call('HSET', task, 'v', {VERSION}, 'kind', 'single')", "VERSION"),
        ("local a, RANK_STEP = 1, 2", "RANK_STEP"),
        ("local score = rank * 1e13 + due_ms", "RANK_STEP"),
        ("RANK_STEP, a = 2, 1", "RANK_STEP"),
        ("local late_us = leaves_us + 100000", "MOST_LATE_US"),
        ("redis.call('ZCOUNT', P .. 'workers', int(now_ms - 10000), '+inf')", "WORKER_FRESH_MS"),
        ("redis.call('ZCOUNT', P .. 'beats', int(now_ms - 5e3), '+inf')", "BEAT_FRESH_MS"),
        ("redis.call('ZCOUNT', P .. 'lines', '-inf', int(now_ms + 2 * 1000))", "MOST_SLEEP_MS"),
        ("local living = {dispatched = true, dialling = true, confirming = true, placed = true}", "LIVE"),
        ("local FINAL = read()", "FINAL"),
        (f"redis.call('HMGET', key, {', '.join(map(repr, reversed(CAMPAIGN_FIELDS)))})", "CAMPAIGN_FIELDS"),
    ],
)
def test_a_fact_that_is_repeated_is_found(text: str, fact: str) -> None:
    assert repeated(text) == {fact}


def test_what_mentions_a_fact_repeats_none() -> None:
    assert repeated("if tonumber(v) > VERSION then rank = rank * RANK_STEP end -- VERSION = 1") == set()
    assert repeated("if v == VERSION and LIVE[state] then return FINAL[to] end") == set()


def test_a_waiting_call_leaves_within_a_quarter_of_a_second_of_the_first_instant_it_may() -> None:
    assert LEAVES_WITHIN_US == WAY_US + MOST_LATE_US == 250_000


def test_what_is_prepared_for_an_instant_is_taken_by_the_step_that_comes_next() -> None:
    """Else a call that beat wakes the workers for would not be admitted then, nor leave when its slot comes."""
    assert LEAD_US < WAKE_US < HORIZON_US
    assert WAKE_US < WAY_US


def test_a_worker_lets_no_request_leave_later_than_the_scripts_count_with() -> None:
    assert LEAVE_WITHIN_SECONDS * 1e6 == MOST_LATE_US
