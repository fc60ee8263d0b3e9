"""The programs of docs/clients.md."""

import re
import shutil
from pathlib import Path

import playwright

from tests.docs.pages import PAGES

PAGE = PAGES["docs/clients.md"]


def programs() -> dict[str, str]:
    """Name of its file, which its first line tells -> text."""
    blocks = re.findall(r"^```(?:python|js|ts)\n(?:#|//) (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return dict(blocks)


def node() -> str:
    """Node.js: an installed one, else that by which Playwright drives browsers."""
    return shutil.which("node") or str(Path(playwright.__file__).parent / "driver" / "node")
