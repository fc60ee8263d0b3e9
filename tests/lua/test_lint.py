"""What the linter of the Lua scripts finds, and that it finds nothing in ours."""

import pytest

from tests.lua.__main__ import idle, names, script
from tests.lua.lint import Part, Script, findings


def found(*texts: str) -> list[str]:
    """In a script of these parts, the last its own."""
    return findings([Script([Part(f"{number}.lua", text) for number, text in enumerate(texts, 1)])])


def test_our_scripts_have_nothing_odd() -> None:
    assert [*findings(map(script, names())), *idle()] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("return misspelt\n", "1: misspelt is not defined"),
        ("local id = ARGV[1]\nreturn redis.call('GET', iD .. id)\n", "2: iD is not defined"),
        ("redis.log(value)\nlocal value = 1\nreturn value\n", "1: value is not defined"),
        ("do local value = 1 return value end\nreturn value\n", "2: value is not defined"),
        ("for index = 1, index do redis.log(index) end\n", "1: index is not defined"),
        ("for _, one in ipairs(one) do redis.log(one) end\n", "1: one is not defined"),
        ("local value = value\nreturn value\n", "1: value is not defined"),
        ("return function(one) return two end, function(two) return two end\n", "1: one is not used"),
        ("return {[key] = 1, key = 2}\n", "1: key is not defined"),
        ("return os.time()\n", "1: os is not defined"),
        ("count = 1\n", "1: count becomes a global"),
        ("function helper() end\n", "1: helper becomes a global"),
        ("local id = 1\n", "1: id is not used"),
        ("local id\nid = 2\n", "1: id is not used"),
        ("local function helper() end\n", "1: helper is not used"),
        ("for name, value in pairs({}) do redis.log(value) end\n", "1: name is not used"),
        ("local id = 1\nif id then local id = 2 return id end\n", "2: id hides another id"),
        ("local id = 1\nreturn function(id) return id end, id\n", "2: id hides another id"),
        ("local id = 1\nlocal id = id\nreturn id\n", "2: id hides another id"),
        ("return = 1\n", "1: this is no Lua"),
    ],
)
def test_what_is_odd_is_told_with_its_line(text: str, what: str) -> None:
    assert f"1.lua:{what}" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "local function again(n) return n == 0 and 0 or again(n - 1) end\nreturn again(3)\n",
        "for _ = 1, 3 do for _, value in ipairs(KEYS) do redis.log(value) end end\n",
        "local t = {id = 1}\nt.id, t.name = 2, ARGV[1]\nfunction t.get() return t.id end\nreturn t:get(t.id)\n",
        "repeat local done = redis.call('GET', 'a') until done\n",
        "local n = 0\nwhile n < 3 do n = n + 1 end\n",
        "local a, b = 1\nif a then return b elseif b then return a else return #ARGV end\n",
        "local function sum(...) return select('#', ...) end\nreturn sum(1)\n",
    ],
)
def test_what_is_as_it_should_be_is_not_told(text: str) -> None:
    assert found(text) == []


def test_what_a_shared_part_gives_is_used_by_the_script_and_told_with_the_file_it_is_in() -> None:
    shared, own = "local P = 'tw:'\nlocal unused = 1\n", "return P\n"
    assert found(shared, own) == ["1.lua:2: unused is not used"]
    assert found("redis.log(P)\n", shared)[0] == "1.lua:1: P is not defined"


def test_a_shared_name_that_any_script_uses_is_used() -> None:
    shared = Part("shared.lua", "local a = 1\nlocal b = 2\n")
    assert (
        findings([Script([shared, Part("a.lua", "return a\n")]), Script([shared, Part("b.lua", "return b\n")])]) == []
    )
