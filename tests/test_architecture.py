"""The house: nothing runs in a circle, and no room, module or function is larger than one can take in."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import grimp
import pytest

from tests.processes import ROOT

PRODUCT: Final = ("app", "worker", "schemas", "runtime", "simulator", "docker")
MOST_MODULES: Final = 12
MOST_LINES: Final = 220
MOST_LINES_OF_A_FUNCTION: Final = 40


def _modules(package: str) -> list[Path]:
    return sorted(ROOT.joinpath(package).rglob("*.py"))


def _functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(module.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = grimp.build_graph(*PRODUCT, exclude_type_checking_imports=True, cache_dir=None)
    assert len(graph.modules) > len(PRODUCT)
    # Raises CycleError, which names the modules of a circle.
    TopologicalSorter({one: graph.find_modules_directly_imported_by(one) for one in graph.modules}).prepare()


@pytest.mark.parametrize("package", PRODUCT)
def test_no_room_holds_more_than_a_dozen_modules(package: str) -> None:
    modules = [module for module in _modules(package) if module.name != "__init__.py"]
    rooms = {module.parent for module in modules}
    full = {str(room): count for room in rooms if (count := sum(one.parent == room for one in modules)) > MOST_MODULES}
    assert full == {}


@pytest.mark.parametrize("package", [*PRODUCT, "tests", "examples"])
def test_no_module_is_too_long(package: str) -> None:
    long = {str(module): len(module.read_text("utf-8").splitlines()) for module in _modules(package)}
    assert {module: lines for module, lines in long.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("package", PRODUCT)
def test_no_function_is_too_long(package: str) -> None:
    lengths = {
        f"{module}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in _modules(package)
        for function in _functions(module)
    }
    assert {function: lines for function, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}
