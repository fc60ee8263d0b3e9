"""What keys of Redis are called stands in the prelude, against which the names of scripts and of Python are held."""

import re
from importlib.resources import files

from schemas import keys

_FOLDER = files("schemas.scripts")
_SHARED = _FOLDER.joinpath("shared")
SCRIPTS = {
    file.name: file.read_text("utf-8")
    for folder in (_FOLDER, _SHARED)
    for file in folder.iterdir()
    if file.name.endswith(".lua")
}
#: Of versions before 2 only (old_lines.lua, checks.lua); and a name that never is one (prelude.lua).
NOT_TOLD = {"ready", "later", "halt", "halts", "sweeps", "nothing"}


def told() -> set[str]:
    """The first words of names in the prelude's table: those that begin a row, or stand in one with a colon."""
    header = SCRIPTS["prelude.lua"].partition("\nlocal P")[0].partition("come after it\n")[2]
    header += SCRIPTS["rows.lua"].partition("\nlocal ")[0]
    header += SCRIPTS["caps.lua"].partition("\n--\n")[2].partition("\nlocal ")[0]
    header += SCRIPTS["barred.lua"].partition("\n--\n")[2].partition("\nlocal ")[0]
    rows = re.findall(r"^-- ([a-z_]+(?:, [a-z_]+)*)", header, re.MULTILINE)
    return {name for row in rows for name in row.split(", ")} | set(re.findall(r"; (\w+): (?:zset|hash|list)", header))


def used() -> set[str]:
    """The first words of the names that scripts build."""
    found = {name for text in SCRIPTS.values() for name in re.findall(r"P \.\. '([a-z_]+)", text)}
    return found - NOT_TOLD


def test_the_prelude_tells_of_exactly_the_keys_that_scripts_use() -> None:
    assert used() - told() == set()
    assert told() - used() == set()


def test_python_knows_no_key_that_the_prelude_does_not_tell_of() -> None:
    named = {value for name, value in vars(keys).items() if name.isupper() and name != "PREFIX"}
    named |= {make("x") for name, make in vars(keys).items() if name.islower() and callable(make)}
    assert len(named) > 5
    assert all(name.startswith(keys.PREFIX) for name in named)
    assert {re.match(r"[a-z_]+", name.removeprefix(keys.PREFIX))[0] for name in named} <= told()  # type: ignore[index]
