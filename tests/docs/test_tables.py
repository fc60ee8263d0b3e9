"""The tables of metrics and of errors have a word for each that there is."""

import re
from dataclasses import fields

import yaml

from simulator.calls.script import Script
from simulator.form.call_request import read_call_request
from simulator.orders.fault import ACTIONS, KINDS, Fault
from tests.app.refusal import CODES
from tests.docker.series import SERIES
from tests.docs.pages import section
from tests.processes import ROOT


def _first_cells(page: str, heading: str) -> str:
    return " ".join(re.findall(r"^\| ([^|]+) \|", section(page, heading), re.MULTILINE))


def test_exactly_the_metrics_that_there_are_are_told() -> None:
    shown = {re.sub(r"_(?:bucket|sum|count|created)$", "", name) for name in SERIES}
    told = set(re.findall(r"`(\w+)`", _first_cells("docs/observing.md", "Metrics")))

    assert told == {name for name in shown if f"{name}_total" not in shown}


def test_exactly_the_statuses_of_errors_that_the_document_names_are_told() -> None:
    document = (ROOT / "openapi.yaml").read_text("utf-8")
    operations = [operation for methods in yaml.safe_load(document)["paths"].values() for operation in methods.values()]
    named = {status for operation in operations for status in operation["responses"] if status >= "400"}
    anywhere = set(re.findall(r"\b([45]\d\d) if ", document))

    assert set(re.findall(r"\b\d\d\d\b", _first_cells("docs/api.md", "Errors"))) == named | anywhere


def test_each_status_of_an_error_is_told_with_its_codes() -> None:
    told = re.findall(r"^\| (\d+) \| `(\w+)` \|", section("docs/api.md", "Errors"), re.MULTILINE)

    assert sorted(told) == sorted((str(status), code) for status, codes in CODES.items() for code in codes)


def _words(heading: str) -> set[str]:
    """Those in the first cells of the tables below a heading of the simulator's page."""
    return set(re.findall(r"`(\w+)`", _first_cells("docs/simulator.md", heading)))


class _Form(dict[str, list[str]]):
    """A request's form that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__(To=["+12025550123"], From=["+12025550124"], Twiml=["<Response/>"])
        self.asked: set[str] = set()

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


def test_each_parameter_that_the_simulator_reads_is_told_with_its_effect() -> None:
    form = _Form()
    read_call_request(form)

    assert _words("What a request asks for") == {name for name in form.asked if not name.endswith("Method")}


def test_each_field_of_a_simulated_numbers_script_is_told() -> None:
    assert _words("Callees") == {field.name for field in fields(Script)}


def test_each_trouble_that_the_simulator_can_make_is_told_with_what_narrows_it_down() -> None:
    orders = {field.name for field in fields(Fault)} - {"id", "kind", "ordered_at"}
    told = section("docs/simulator.md", "Trouble")
    cells = set(re.findall(r"`(\w+)`", told))

    assert _words("Trouble") >= KINDS | {"kind"}
    assert _words("Trouble") - KINDS - {"kind"} <= orders
    assert cells >= orders | set(ACTIONS)
