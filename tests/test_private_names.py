"""What is touched of the inside of libraries stands in one table, and is there in the versions that are installed."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Final

import pytest

from tests.docs.pages import PAGES
from tests.processes import ROOT

PRODUCT: Final = ("app", "worker", "runtime", "schemas")
#: Written so by Python, whose documentation has them.
_PYTHONS: Final = {"_asdict", "_exit", "_field_defaults", "_replace"} | {
    name for kind in (type, BaseException) for name in dir(kind)
}
_PYTHONS_MORE: Final = {"__excepthook__", "__slots__"}
_OF_ATTRIBUTES: Final = {"getattr", "setattr", "hasattr", "delattr"}

#: Module, library and dotted name of each row.
ROWS: Final = re.findall(r"^\| `(\S+)` \| (\S+) \| `([\w.]+)` \| .+ \|$", PAGES["docs/private-names.md"], re.MULTILINE)


def _is_private(name: str) -> bool:
    return name.startswith("_") and name not in _PYTHONS | _PYTHONS_MORE


def _touched(path: Path) -> set[str]:
    """Private names of others that a module uses."""
    tree = ast.parse(path.read_text("utf-8"))
    names = {name for node in ast.walk(tree) for name in _names_of_others(node)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (own := set(filter(_is_private, _own_names(node)))):
            kind = getattr(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)), node.name)
            names |= {name for name in own if _is_inherited(kind, name)}
    return names


def _names_of_others(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return
        case ast.Attribute(attr=name):
            found = [name]
        case ast.Call(func=ast.Name(id=function), args=[_, ast.Constant(value=str(name)), *_]) if (
            function in _OF_ATTRIBUTES
        ):
            found = [name]
        case ast.ImportFrom(module=source, names=imported):
            found = [*(source or "").split("."), *(alias.name for alias in imported)]
        case ast.Import(names=imported):
            found = [part for alias in imported for part in alias.name.split(".")]
        case _:
            return
    yield from filter(_is_private, found)


def _own_names(node: ast.ClassDef) -> Iterator[str]:
    """Names that a class defines, or uses of itself."""
    for part in ast.walk(node):
        match part:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _is_inherited(kind: type, name: str) -> bool:
    """Whether a class has the name from one that is not ours."""
    return any(_knows(base, name) for base in kind.__mro__ if base.__module__.partition(".")[0] not in PRODUCT)


def _knows(kind: type, name: str) -> bool:
    return name in vars(kind) or re.search(rf"\bself\.{name}\b", _source(kind)) is not None


@cache
def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):  # not written in Python
        return ""


def _is_there(dotted: str) -> bool:
    """Whether an installed library has it: a class may have it in its objects only, a decorator give it."""
    owner, _, name = dotted.rpartition(".")
    holder: Any = resolve_name(owner)
    if isinstance(holder, type):
        return any(_knows(base, name) for base in holder.__mro__)
    return hasattr(holder, name) or f".{name}" in _source(holder)


def test_every_private_name_that_is_touched_has_its_row_and_every_row_is_of_one_that_is() -> None:
    modules = [path for package in PRODUCT for path in (ROOT / package).rglob("*.py")]
    touched = {(str(path.relative_to(ROOT)), name) for path in modules for name in _touched(path)}

    assert {(module, dotted.rpartition(".")[2]) for module, _, dotted in ROWS} == touched
    assert len(ROWS) == len(touched)


@pytest.mark.parametrize(("library", "dotted"), sorted({(library, dotted) for _, library, dotted in ROWS}))
def test_a_private_name_is_there_in_the_version_that_is_installed(library: str, dotted: str) -> None:
    assert library in packages_distributions()[dotted.partition(".")[0]]
    assert _is_there(dotted)
    assert not _is_there(f"{dotted}_of_another_version")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("pool._get_conn()", "_get_conn"),
        ("super()._tunnel()", "_tunnel"),
        ("from urllib3._collections import HTTPHeaderDict", "_collections"),
        ("from aiohttp.web import _run_app", "_run_app"),
        ("import redis._parsers", "_parsers"),
        ("getattr(handler, '__apispec__', None)", "__apispec__"),
        ("pool._pool = None", "_pool"),
    ],
)
def test_each_way_to_a_private_name_is_seen(code: str, name: str) -> None:
    assert name in {found for node in ast.walk(ast.parse(code)) for found in _names_of_others(node)}
