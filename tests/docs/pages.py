"""The pages that people read, and the pieces of them that tests hold against the code."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from tests.processes import ROOT

_TOP: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")

#: Path from the top of the project -> text.
PAGES: Final = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in (*(ROOT / name for name in _TOP), *sorted((ROOT / "docs").glob("*.md")))
}

_FENCE: Final = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n```json\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
#: Commands that stand within a sentence or a table.
_INLINE: Final = re.compile(r"`((?:python -m worker\.|redis-cli |docker compose |kubectl )[^`]+)`")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Command(NamedTuple):
    """A line of a page that is to be pasted into a shell."""

    page: str
    text: str
    prints: Any  #: JSON that the page shows behind it; None if it shows none


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", PAGES[page])


def section(page: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    return PAGES[page].partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def links(page: str) -> list[str]:
    """Targets of the links that lead to other files, or to headings."""
    return [target for target in _LINK.findall(prose(page)) if not target.startswith(("http://", "https://"))]


def anchors(page: str) -> set[str]:
    """Names of the headings, as GitHub makes them."""
    headings = _HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """A text in quotes may go over several lines."""
    begun = ""
    for line in lines:
        begun += line
        with suppress(ValueError):
            shlex.split(begun, comments=True)
            yield begun
            begun = ""
    assert not begun, f"a quotation that does not end: {begun}"


def commands() -> Iterator[Command]:
    """Every command of every page, blocks first; what a page shows behind a block is what its last one prints."""
    for page, text in PAGES.items():
        for language, block, shown in _FENCE.findall(text):
            if language == "sh":
                *others, last = _whole(line for line in block.replace("\\\n", "").splitlines() if line.strip())
                yield from (Command(page, line, None) for line in others)
                yield Command(page, last, json.loads(shown) if shown else None)
        yield from (Command(page, line, None) for line in _INLINE.findall(prose(page)))
