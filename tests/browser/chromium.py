"""Chromium, and a page in it that tells of whatever went wrong on it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

from tests.processes import PATIENCE_SECONDS

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
#: What a browser writes of every answer that is an error, whatever the page makes of it.
_OF_ANSWERS: Final = "Failed to load resource"
#: What must come to pass on a page is waited for as long as anything else: that only ends what never will.
_PATIENCE_MS: Final = PATIENCE_SECONDS * 1000
_TELL_OF_POLICY: Final = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""


def found() -> str | None:
    """Path of the browser."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def left_out() -> list[str]:
    """Tests that are not collected: without a browser those that need one, unless CI runs them."""
    return [] if found() or os.environ.get("CI") else ["test_*.py"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """
    One browser for the tests of a module; CI must have one.

    Not one for all of a process: while Playwright's loop stands, no other test of the process could have its own.
    """
    if found() is None:
        pytest.fail(f"There is no {' or '.join(_NAMES)} on the PATH: as root, apt-get install chromium")
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@contextmanager
def launch(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, without anybody to look at it."""
    # Whoever runs as root, as in a container, has no sandbox.
    expect.set_options(timeout=_PATIENCE_MS)
    browser = playwright.chromium.launch(executable_path=found(), chromium_sandbox=os.geteuid() != 0)
    yield browser
    browser.close()


class Watched:
    """A page in a browser profile of its own, and what was wrong with it."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.faults: list[str] = []
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(_PATIENCE_MS)
        self.page = self.open()

    def open(self) -> Page:
        """A further tab."""
        page = self.context.new_page()
        page.add_init_script(_TELL_OF_POLICY)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._look_at)
        return page

    def close(self) -> None:
        """Fails if anything was wrong: an error on the console, a request to elsewhere, a breach of the policy."""
        self.context.close()
        assert self.faults == []

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_OF_ANSWERS):
            self.faults.append(message.text)

    def _look_at(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc and not request.url.startswith("blob:"):
            self.faults.append(f"a request to {request.url}")
