"""Lints the Lua scripts: python -m tests.lua"""

import argparse
import sys
from importlib.resources import files

from schemas.lua.source import pieces, shared
from tests.lua.lint import Part, Script, findings

_FOLDER = files("schemas.scripts")


def script(name: str) -> Script:
    """A script as Redis runs it."""
    return Script([Part(piece.file, piece.text, piece.line) for piece in pieces(name)])


def idle() -> list[str]:
    """Definitions that no script has: none uses their name, or another one's hides them."""
    used = {piece for name in names() for piece in pieces(name)}
    return [f"{one.file}:{one.line}: no script has {', '.join(one.defines)}" for one in shared() if one not in used]


def names() -> list[str]:
    """Of every script."""
    return sorted(file.name.removesuffix(".lua") for file in _FOLDER.iterdir() if file.name.endswith(".lua"))


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.lua", description="Lints the Lua scripts.").parse_args()
    found = [*findings(map(script, names())), *idle()]
    print("\n".join(found) or f"{len(names())} Lua scripts passed.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
