"""README is short and leads everywhere, and no page names what is not there."""

import configparser
import importlib.util
import re

import pytest

from tests.docs.pages import PAGES, anchors, links, prose, section
from tests.processes import ROOT

_FOLDERS = "app|worker|schemas|runtime|simulator|docker|examples|tests|docs"


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 150


def test_every_page_is_reached_from_the_readme() -> None:
    assert {page for page in PAGES if page != "README.md"} <= {link.partition("#")[0] for link in links("README.md")}


@pytest.mark.parametrize("page", PAGES)
def test_a_link_leads_to_a_file_and_a_heading_that_exist(page: str) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(str(target.relative_to(ROOT))), link


@pytest.mark.parametrize("page", PAGES)
def test_no_blank_line_splits_a_list(page: str) -> None:
    assert re.findall(r"^[-*] .*(?:\n  .*)*\n\n+[-*] .*", prose(page), re.MULTILINE) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_path_that_is_named_exists(page: str) -> None:
    named = re.findall(rf"`((?:{_FOLDERS})/[\w./-]*)(?:::\w+)?`", PAGES[page])

    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_is_named_exists(page: str) -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGES[page]):
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {name}"


@pytest.mark.parametrize("page", PAGES)
def test_a_make_target_or_a_module_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    modules = set(re.findall(r"python -m ([\w.]+)", PAGES[page]))

    assert set(re.findall(r"(?:`|^)make ([\w-]+)", PAGES[page], re.MULTILINE)) <= targets
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []


def test_every_row_of_the_table_of_attacks_names_its_tests() -> None:
    rows = [line for line in section("docs/security.md", "Attacks").splitlines() if line.startswith("| ")][1:]

    assert len(rows) > 20
    assert [row for row in rows if not re.search(r"`tests/[\w/]+\.py::test_\w+`", row)] == []


def test_a_decision_is_a_question_a_choice_and_a_price() -> None:
    decisions = re.split(r"^### ", PAGES["docs/decisions.md"], flags=re.MULTILINE)[1:]

    assert len(decisions) > 30
    for decision in decisions:
        question, _, answer = decision.partition("\n")
        choice, price, _ = answer.partition("\n**Price:** ")
        assert question.endswith("?")
        assert choice.strip(), question
        assert price, question


def test_the_changelog_has_what_is_unreleased_on_top_and_no_version_above_todays() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    versions = re.findall(r"^## \[([^]]+)\]", PAGES["CHANGELOG.md"], re.MULTILINE)
    kinds = set(re.findall(r"^### (.+)$", prose("CHANGELOG.md"), re.MULTILINE))

    assert versions[0] == "Unreleased"
    numbers = [tuple(map(int, version.split("."))) for version in (setup["metadata"]["version"], *versions[1:])]
    assert numbers == sorted(numbers, reverse=True)
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
