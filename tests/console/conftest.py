"""A running stack, and the console in a browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import Watched, chromium, left_out
from tests.e2e.conftest import QUICK
from tests.stack import Stack, public_stack

Open = Callable[..., Page]

__all__ = ["chromium"]

collect_ignore_glob = left_out()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One of each part, which Twilio reaches."""
    with public_stack(tmp_path_factory.mktemp("console"), QUICK) as running:
        yield running


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Open]:
    """Opens a page of a console, in a profile of its own; at the end nothing must have been wrong with any."""
    watched: list[Watched] = []

    def go(url: str, rest: str = "", **options: Any) -> Page:
        watched.append(Watched(chromium, url, **options))
        page = watched[-1].page
        page.goto(f"{url}/{rest}")
        return page

    yield go
    for one in watched:
        one.close()
