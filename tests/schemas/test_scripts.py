"""Every Lua script tells what it is, what it takes and what it gives."""

import re
from importlib.resources import files

import pytest
from redis import Redis

from runtime.scripts import ScriptRunner
from schemas.lua.source import source, source_of
from schemas.scripts.gauges import Condition, health
from tests.processes import ROOT

_FOLDER = files("schemas.scripts")
_SHARED = {file.name: file.read_text("utf-8") for file in _FOLDER.joinpath("shared").iterdir()}
_OWN = {file.name: file.read_text("utf-8") for file in _FOLDER.iterdir() if file.name[-4:] == ".lua"}
SCRIPTS = _SHARED | _OWN
OWN = sorted(_OWN)
MOST_LINES = 80


def header(name: str) -> list[str]:
    """The comment lines at the top."""
    lines = SCRIPTS[name].splitlines()
    length = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return lines[:length]


def test_there_are_scripts() -> None:
    assert "prelude.lua" in SCRIPTS
    assert OWN


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_the_first_line_names_the_script_and_says_what_it_does(name: str) -> None:
    assert re.match(rf"-- {re.escape(name)}: \w.*\S", SCRIPTS[name])


@pytest.mark.parametrize("name", OWN)
def test_the_header_names_argv_and_returns(name: str) -> None:
    assert any(line.startswith("-- ARGV ") for line in header(name))
    assert any(line.startswith("-- Returns ") for line in header(name))


@pytest.mark.parametrize("name", OWN)
def test_the_header_describes_every_argument_that_is_used(name: str) -> None:
    described = {int(number) for line in header(name) for number in re.findall(r"(?:ARGV|--|\s{2})\s+(\d+)\b", line)}
    used = {int(number) for number in re.findall(r"ARGV\[(\d+)\]", "\n".join(SCRIPTS[name].splitlines()))}
    assert used <= described


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_is_short(name: str) -> None:
    assert len(SCRIPTS[name].splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", OWN)
def test_a_script_touches_keys_of_our_prefix_only(name: str) -> None:
    """Every key is built from P; the prelude takes it from KEYS[1]."""
    assert "KEYS" not in SCRIPTS[name]
    calls = re.findall(r"(?:redis\.call|\brun)\('[A-Z]+', *(?!P \.\.)('[^']*'|[A-Z])", SCRIPTS[name])
    assert calls == []


@pytest.mark.parametrize("name", OWN)
def test_redis_can_compile_it_behind_the_prelude(name: str, redis: "Redis") -> None:
    assert redis.script_load(source(name.removesuffix(".lua")))


def test_what_only_late_functions_use_is_made_by_no_run_that_does_without_them() -> None:
    before, _, rest = source("admit").partition("function _late(name)")
    late, _, behind = rest.partition("return _made_late[name]\nend\n")
    assert "local function make_heap(" not in before + behind
    assert late.count("local function make_heap(") == 1
    assert late.count("local function sink(") == len(["in_turn", "leave_turns", "take_turn"])


def test_a_late_function_is_made_once_a_run_so_that_what_it_counts_goes_on(redis: "Redis") -> None:
    text = source_of("over_ms_of(1, 2)\nreturn _late('over_ms_of') == _late('over_ms_of') and 1 or 0\n")
    assert redis.eval(text, 1, "tw:") == 1


@pytest.mark.parametrize("name", OWN)
def test_a_number_stands_where_it_is_used_and_takes_no_place_of_its_own(name: str) -> None:
    text = source(name.removesuffix(".lua"))
    own = set(re.findall(r"local ([A-Z_]+) = [\d.e]+$", SCRIPTS[name], re.MULTILINE))
    assert set(re.findall(r"local ([A-Z_]+) = [\d.e]+\b(?! [-+*/])", text)) == own


def test_the_health_script_changes_nothing(redis: "Redis") -> None:
    assert ScriptRunner(redis).run(health()) == Condition(workers=0, beats=0, queue_depth=0)
    assert redis.dbsize() == 0


def test_only_its_face_packs_a_scripts_arguments_and_only_the_two_runners_run_it() -> None:
    found: dict[str, set[str]] = {"packs": set(), "runs": set()}
    for folder in ("app", "runtime", "schemas", "tests", "worker"):
        for file in (ROOT / folder).rglob("*.py"):
            text, name = file.read_text("utf-8"), str(file.relative_to(ROOT))
            if re.search(r"\bScript\(\s*\"", text):
                found["packs"].add(str(file.parent.relative_to(ROOT)))
            if re.search(r"\.evalsha\(|\.register_script\(|[\"']EVALSHA[\"'],", text):
                found["runs"].add(name)

    runs_its_own_lua = "tests/benchmarks/backlog.py"
    rooms = {"scripts", "operation", "hours", "campaigns", "do_not_call", "listing"}
    assert found["packs"] == {f"schemas/{room}" for room in rooms}
    assert found["runs"] == {"app/store/client.py", "runtime/scripts.py", runs_its_own_lua}
