"""The commands of `docker` that the pages, and the scripts that they run, make use of; any other is refused."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tests.docker.engine.refusal import Refusal


class Parser(argparse.ArgumentParser):
    """Refuses what it does not know."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"This engine does not know that: {message}")


def read(words: Sequence[str]) -> argparse.Namespace:
    """What is asked for; raises Refusal for all that is not known."""
    whole = Parser(prog="docker", allow_abbrev=False)
    tools = whole.add_subparsers(dest="tool", required=True, parser_class=Parser)
    build = tools.add_parser("build", allow_abbrev=False)
    build.add_argument("--file", type=Path, required=True)
    build.add_argument("--target", required=True)
    build.add_argument("--tag", required=True)
    build.add_argument("context", type=Path)
    compose = tools.add_parser("compose", allow_abbrev=False)
    compose.add_argument("--env-file", type=Path, required=True)
    compose.add_argument("--file", type=Path, action="append", required=True)
    _add_commands(compose.add_subparsers(dest="command", required=True, parser_class=Parser))
    return whole.parse_args(words)


def _add_commands(commands: "argparse._SubParsersAction[Parser]") -> None:
    up = commands.add_parser("up", allow_abbrev=False)
    for flag in ("--build", "--detach", "--wait", "--no-deps", "--no-build"):
        up.add_argument(flag, action="store_true")
    up.add_argument("--scale", action="append", default=[])
    ps = commands.add_parser("ps", allow_abbrev=False)
    ps.add_argument("--quiet", action="store_true", required=True)
    for several in (up, ps, *(commands.add_parser(name, allow_abbrev=False) for name in ("build", "restart", "stop"))):
        several.add_argument("services", nargs="*")
    within = commands.add_parser("exec", allow_abbrev=False)
    run = commands.add_parser("run", allow_abbrev=False)
    run.add_argument("--rm", action="store_true", required=True)
    run.add_argument("--no-deps", action="store_true", required=True)
    run.add_argument("--entrypoint")
    run.add_argument("--user")  # all run as whoever runs the tests
    run.add_argument("--volume", action="append", default=[])
    for one in (within, run):
        one.add_argument("-T", action="store_true")
        one.add_argument("service")
        one.add_argument("words", nargs=argparse.REMAINDER)
