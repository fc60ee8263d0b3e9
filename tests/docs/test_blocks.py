"""No block of a page stands there untried: each is of a kind that some test runs, or holds against the code."""

import re
from typing import Final

from tests.docs.pages import PAGES
from tests.docs.programs import programs

_BLOCK: Final = re.compile(r"^```(\w*)\n.*?^```$", re.MULTILINE | re.DOTALL)

#: Language of a block -> the pages on which a test looks for it; none: on all.
_TRIED: Final = {
    "sh": (),  # test_commands.py runs each line
    "json": (),  # what the block above it prints: test_commands.py
    "bash": ("docs/operating.md",),  # test_recipes.py, test_rotations.py
    "ini": ("docs/operating.md", "docs/deploying.md"),  # settings: test_rotations.py, test_settings.py
    "csv": ("docs/campaigns.md",),  # tests/examples/test_clinic.py
    "mermaid": ("docs/states.md",),  # test_states.py
    "python": ("docs/clients.md",),  # test_clients.py
    "js": ("docs/clients.md",),
    "ts": ("docs/clients.md",),  # `make clients`
}


def test_every_block_is_of_a_kind_that_is_tried_on_its_page() -> None:
    for page, text in PAGES.items():
        for language in _BLOCK.findall(text):
            pages = _TRIED.get(language)
            assert pages is not None, f"{page} has a block of {language or 'no language'}, which nothing tries"
            assert not pages or page in pages, f"{page} has a block of {language}, which is tried on {pages} only"


def test_what_json_shows_is_printed_by_the_commands_above_it_or_said_what_it_is() -> None:
    for page, text in PAGES.items():
        assert len(re.findall(r"^```json$", text, re.MULTILINE)) == len(
            re.findall(r"^(?:```|.*:)\n\n```json$", text, re.MULTILINE)
        ), page


def test_every_program_of_the_page_of_clients_has_a_name_and_is_one_that_is_run() -> None:
    """By test_clients.py, generated.ts by `make clients`."""
    blocks = [language for language in _BLOCK.findall(PAGES["docs/clients.md"]) if language in {"python", "js", "ts"}]
    names = set(programs())

    assert len(blocks) == len(names)
    assert names == {"call.py", "receiver.py", "generated.py", "call.mjs", "receiver.mjs", "generated.ts"}
