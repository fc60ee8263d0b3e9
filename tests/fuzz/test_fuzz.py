"""A short run of what `make fuzz` does at length: no input, however odd, finds an answer that is not documented."""

import time
from collections.abc import Iterator

import pytest

from tests.app.away import Away
from tests.fuzz import document
from tests.fuzz.server import served
from tests.fuzz.wire import Wire

#: Always the same, so that what a change breaks is the change's doing; `make fuzz` draws others.
SEED = 13


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with served(tmp_path_factory.mktemp("fuzz"), keys=True) as away:
        yield away


def test_every_operation_answers_schemathesis_as_the_document_says(guarded: Away) -> None:
    verdict = document.run(guarded.url, examples=5, seed=SEED, keys=True, seconds=250)

    assert not verdict.failures, verdict.output
    assert verdict.cases > 400
    assert "Traceback" not in guarded.output


def test_whatever_bytes_come_every_answer_is_documented_and_in_shape(guarded: Away) -> None:
    wire = Wire(guarded.url)
    wire.fuzz(cases=300, number=time.time_ns() % 2**32)

    assert wire.faults == []
    assert wire.answers > 150
    assert "Traceback" not in guarded.output
