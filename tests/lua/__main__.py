"""Lints the Lua scripts: python -m tests.lua"""

import argparse
import sys
from importlib.resources import files

from schemas.lua.facts import lua_facts, lua_transitions
from schemas.lua.source import SHARED, source
from tests.lua.lint import Part, Script, findings

_FOLDER = files("schemas.scripts")


def script(name: str) -> Script:
    """A script as Redis runs it."""
    shared = (_part(f"shared/{part}.lua") for part in SHARED.get(name, ()))
    facts = lua_facts() + (lua_transitions() if "changes" in SHARED.get(name, ()) else "")
    always = Part("the facts", facts, everywhere=True), _part("shared/prelude.lua", everywhere=True)
    parts = [*always, *shared, _part(f"{name}.lua")]
    assert "".join(part.text for part in parts) == source(name)
    return Script(parts)


def names() -> list[str]:
    """Of every script."""
    return sorted(file.name.removesuffix(".lua") for file in _FOLDER.iterdir() if file.name.endswith(".lua"))


def _part(file: str, *, everywhere: bool = False) -> Part:
    return Part(file, _FOLDER.joinpath(file).read_text("utf-8"), everywhere)


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.lua", description="Lints the Lua scripts.").parse_args()
    found = findings(map(script, names()))
    print("\n".join(found) or f"{len(names())} Lua scripts passed.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
