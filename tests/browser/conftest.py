"""The browser of these tests."""

from tests.browser.chromium import chromium, left_out

__all__ = ["chromium"]

collect_ignore_glob = left_out()
