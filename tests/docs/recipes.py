"""Recipes of a page that change a system: commands, and settings with the parts that are restarted then."""

import re
from dataclasses import dataclass
from typing import Final

from tests.docs.pages import section

_FENCE: Final = re.compile(r"^```(bash|ini)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_RESTART: Final = re.compile(r"# \.env; then restart (\w+)\n")


@dataclass(frozen=True)
class Step:
    """A command; or settings, and who is restarted with them: web, or all."""

    command: str = ""
    settings: str = ""
    restarts: str = ""


def steps(page: str, heading: str, below: str = "") -> list[Step]:
    """What stands under a heading of the second level, and one of the third."""
    text = section(page, heading)
    if below:
        text = text.partition(f"\n### {below}\n")[2].partition("\n### ")[0]
    found: list[Step] = []
    for language, block in _FENCE.findall(text):
        if language == "bash":
            found += [Step(command=line) for line in block.splitlines()]
            continue
        restarts = _RESTART.match(block)
        assert restarts, block
        found.append(Step(settings=block[restarts.end() :], restarts=restarts[1]))
    return found
