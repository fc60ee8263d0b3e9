"""
`python -m tests.console.axe`: looks at every page, light and dark, for what keeps people out (axe-core).

Only this and nothing that is shipped has axe-core: npm brings it into `.venv/axe-core`.
"""

import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import launch
from tests.console.steps import PAGES, fill_up, go
from tests.e2e.conftest import QUICK
from tests.processes import BIN
from tests.stack import Stack

_VERSION: Final = "4"
_KEPT: Final = BIN.parent / "axe-core"
_SCRIPT: Final = _KEPT / "package/axe.min.js"
#: Buttons of a campaign that ask something.
_DIALOGS: Final = ("Edit", "Add numbers", "Cancel it")
_RUN: Final = "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"


def script() -> str:
    """The text of axe-core; fetched by npm when it is not there."""
    if not _SCRIPT.exists():
        _KEPT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", f"axe-core@{_VERSION}", "--pack-destination", folder]
            subprocess.run(command, check=True, timeout=120, cwd=folder, capture_output=True)
            (archive,) = Path(folder).glob("*.tgz")
            subprocess.run(["tar", "-xzf", str(archive), "-C", str(_KEPT)], check=True, timeout=60)
    return _SCRIPT.read_text("utf-8")


def barriers(page: Page, text: str) -> list[str]:
    """What axe-core finds on a page, a line each."""
    page.evaluate(text)
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [f"{one['id']}: {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def look(stack: Stack) -> Iterator[str]:
    """Every page, as it looks by day and by night, and on a telephone."""
    text = script()
    campaign = fill_up(stack)
    with sync_playwright() as playwright, launch(playwright) as browser:
        for scheme, width in (("light", 1200), ("dark", 1200), ("light", 390)):
            context = browser.new_context(
                color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
            )
            page = context.new_page()
            for rest in (*PAGES, f"campaigns/{campaign}", f"calls/{campaign}-1"):
                go(page, stack, rest)
                page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
                where = f"({scheme}, {width} px)"
                yield from (f"{rest} {where}: {barrier}" for barrier in barriers(page, text))
                for asking in _DIALOGS if rest.startswith("campaigns/") else ():
                    page.get_by_role("main").get_by_role("button", name=asking, exact=True).click()
                    page.evaluate("for (const one of document.querySelectorAll('dialog details')) one.open = true")
                    yield from (f"{rest}, {asking} {where}: {barrier}" for barrier in barriers(page, text))
                    page.keyboard.press("Escape")
                    expect(page.get_by_role("dialog")).to_have_count(0)
            context.close()


def main() -> None:
    """Prints what was found; ends with 1 if anything was."""
    ArgumentParser(prog="python -m tests.console.axe", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), QUICK)
        try:
            found = list(look(stack.start()))
        finally:
            stack.stop()
    sys.stdout.write("".join(f"{one}\n" for one in found) or "Nothing was found on any page.\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
