"""`python -m tests.console.pictures`: makes the pictures of docs/pictures by the steps that the tests take, too."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launch
from tests.console.steps import fill_up, form, go
from tests.processes import ROOT
from tests.stack import Stack

_FOLDER: Final = ROOT / "docs/pictures"
_DESKTOP: Final[dict[str, Any]] = {"viewport": {"width": 1100, "height": 720}}
_DARK: Final = _DESKTOP | {"color_scheme": "dark"}
_PHONE: Final[dict[str, Any]] = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 1.5}
_SEEN_AFTER_MS: Final = 22_000


def take(browser: Browser, stack: Stack, campaign: str) -> None:
    """Each picture, in the colours and the size of its kind."""
    wanted = (
        ("now", "now", _DESKTOP),
        ("now-dark", "now", _DARK),
        ("campaign", f"campaigns/{campaign}", _DESKTOP),
        ("campaign-phone", f"campaigns/{campaign}", _PHONE | {"color_scheme": "dark"}),
        ("do-phone", "do", _PHONE),
    )
    for name, rest, options in wanted:
        context = browser.new_context(**options)
        page = context.new_page()
        go(page, stack, rest)
        if rest == "do":
            fields = form(page, "Call somebody")
            fields.get_by_label("Number", exact=True).fill("+12025550100")
            fields.get_by_label("What it says").fill("Hello {{first_name}}. Your appointment is tomorrow.")
        page.wait_for_timeout(1500)
        page.screenshot(path=_FOLDER / f"{name}.png")
        context.close()


def main() -> None:
    """Makes all of them anew."""
    ArgumentParser(prog="python -m tests.console.pictures", description=__doc__).parse_args()
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), {"CALLS_PER_SECOND": "2", "SINGLE_CALLS_PER_MINUTE": "60"}, "--speed", "2")
        try:
            campaign = fill_up(stack.start())
            with sync_playwright() as playwright, launch(playwright) as browser:
                waiting = browser.new_page()
                waiting.wait_for_timeout(_SEEN_AFTER_MS)
                take(browser, stack, campaign)
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
