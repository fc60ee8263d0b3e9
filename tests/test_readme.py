"""The README stays true: its diagram, its settings and its commands are held against the code."""

import re

from schemas.states import TRANSITIONS
from tests.processes import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_diagram_shows_exactly_the_transitions_of_the_table() -> None:
    diagram = README.partition("stateDiagram-v2")[2].partition("```")[0]
    drawn = {(source, target) for source, target in re.findall(r"^\s*(\w+) --> (\w+)\s*$", diagram, re.MULTILINE)}

    assert drawn == {(str(source), str(target)) for source, targets in TRANSITIONS.items() for target in targets}


def test_every_setting_that_the_code_reads_is_described() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "app/settings.py", ROOT / "worker/settings.py"))
    code += "".join((ROOT / f"schemas/{name}.py").read_text("utf-8") for name in ("limits", "sentinel"))
    names = set(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', code))

    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in README} == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make (\w+)", README, re.MULTILINE))

    assert {"run", "test"} <= named
    assert named <= targets


def test_every_test_that_the_security_table_names_exists_and_each_row_names_one() -> None:
    table = README.partition("## Security\n")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]

    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, f"no test in: {row}"
        for file, name in named:
            assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {name}"
    assert all((ROOT / file).is_file() for file in re.findall(r"`(tests/[\w/]+\.py)", table))
