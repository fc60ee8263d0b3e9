"""docs/states.md tells the states that there are, what may become of each, and its word in task-status."""

import re

import pytest

from app.endpoints.status import status_of
from schemas.records import CallRecord
from schemas.states import TRANSITIONS, CallState
from tests.docs.pages import PAGES

PAGE = PAGES["docs/states.md"]


def test_the_diagram_shows_exactly_the_transitions_of_the_table() -> None:
    diagram = PAGE.partition("stateDiagram-v2")[2].partition("```")[0]
    drawn = {(source, target) for source, target in re.findall(r"^\s*(\w+) --> (\w+)\s*$", diagram, re.MULTILINE)}

    assert drawn == {(str(source), str(target)) for source, targets in TRANSITIONS.items() for target in targets}


@pytest.mark.parametrize("state", CallState)
def test_a_state_has_the_word_that_task_status_tells(state: CallState) -> None:
    fields = {"state": str(state), "to": "+12025550100", "created_ms": "1", "updated_ms": "1", "due_ms": "1"}
    word = status_of(CallRecord.read("id", fields))

    assert f"\n| `{state}` | `{word}` | " in PAGE
