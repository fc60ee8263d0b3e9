"""Prints the part of requirements.lock that some extras need, hashes and all: python docker/locked.py app worker

Every version and its hashes are in that one file, and pip takes hashes only for whole files. Which package needs which
stands in the file too, as uv notes it (`# via`); what an extra needs first stands in setup.cfg. `build` is what builds
this project itself. Needs nothing but Python, because nothing is installed yet.
"""

import argparse
import configparser
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = "build"
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w,-]+)\])?")
_NEEDED_BY = re.compile(r"#\s+(?:via )?([\w.-]+)")


@dataclass(frozen=True)
class Pin:
    """One package of the lock."""

    lines: str  #: its version and hashes, as pip reads them
    needed_by: frozenset[str]


def read(lock: str) -> dict[str, Pin]:
    """Name -> pin."""
    pins = {}
    for block in re.split(r"\n(?=\w)", lock):
        if found := _REQUIREMENT.match(block):
            lines = [line for line in block.splitlines() if not line.lstrip().startswith("#")]
            pins[found[1]] = Pin("\n".join(lines).rstrip(" \\"), frozenset(_NEEDED_BY.findall(block)))
    return pins


def named(extra: str, setup: configparser.ConfigParser, build_system: Mapping[str, list[str]]) -> set[str]:
    """What the extra names; raises KeyError if there is no such extra."""
    if extra == BUILD:
        return {_name(line) for line in build_system["requires"]}
    found = set()
    for line in setup["options.extras_require"][extra].split("\n"):
        requirement = _REQUIREMENT.match(line)
        if requirement and requirement[1] == setup["metadata"]["name"]:
            found |= set().union(*(named(other, setup, build_system) for other in requirement[2].split(",")))
        elif requirement:
            found.add(_name(line))
    return found


def needed(wanted: Iterable[str], pins: Mapping[str, Pin]) -> list[str]:
    """Names of the wanted packages and of all that they need, in the order of the lock."""
    found, added = set[str](), set(wanted)
    while added:
        found |= added
        added = {name for name, pin in pins.items() if pin.needed_by & found} - found
    return [name for name in pins if name in found]


def part(extras: Iterable[str], folder: Path = ROOT) -> str:
    """The lines of the lock that these extras need, and what every part needs; raises KeyError for an unknown extra."""
    setup = configparser.ConfigParser()
    setup.read(folder / "setup.cfg")
    build_system = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["build-system"]
    wanted = {_name(line) for line in setup["options"]["install_requires"].split("\n") if line}
    for extra in extras:
        wanted |= named(extra, setup, build_system)
    pins = read((folder / "requirements.lock").read_text("utf-8"))
    return "".join(f"{pins[name].lines}\n" for name in needed(wanted, pins))


def _name(requirement: str) -> str:
    found = _REQUIREMENT.match(requirement)
    return re.sub(r"[-_.]+", "-", found[1] if found else "").lower()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python docker/locked.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("extras", nargs="+", metavar="extra", help=f"of setup.cfg, or {BUILD}")
    args = parser.parse_args()
    try:
        sys.stdout.write(part(args.extras))
    except KeyError as error:
        print(f"There is no extra {error} in setup.cfg.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
