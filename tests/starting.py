"""Which tests start processes: told by what their functions, and those of their fixtures, can reach."""

import inspect
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import pytest

#: Names of what starts a process, wherever they are used.
_STARTERS: Final = frozenset({"subprocess", "multiprocessing", "create_subprocess_exec", "ProcessPoolExecutor"})
_HERE: Final = "tests"


def starts_processes(test: pytest.Function) -> bool:
    """Whether the test, one of its fixtures, or what these use of `tests` starts a process."""
    fixtures = (one.func for name in test.fixturenames for one in test._fixtureinfo.name2fixturedefs.get(name, ()))
    return _reaches((test.function, *fixtures))


@cache
def _reaches(begun: tuple[Any, ...]) -> bool:
    left, seen = [*begun], set[int]()
    while left:
        one = inspect.unwrap(left.pop())
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, type):
            left += [member for base in one.__mro__ if _is_ours(base) for member in _functions(base)]
        elif isinstance(one, FunctionType) and _is_ours(one):
            names = set(_names(one.__code__))
            if names & _STARTERS:
                return True
            left += _meant(names, one.__globals__)
    return False


def _meant(names: set[str], known: dict[str, Any]) -> list[Any]:
    """Functions and classes that these names stand for, those of modules among them."""
    direct = [known[name] for name in names if name in known]
    modules = [one for one in direct if isinstance(one, ModuleType) and _is_ours(one)]
    within = [getattr(module, name) for module in modules for name in names if hasattr(module, name)]
    return [one for one in direct + within if isinstance(one, FunctionType | type)]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _functions(of: type) -> list[Any]:
    members = [getattr(one, "fget", None) or getattr(one, "__func__", one) for one in vars(of).values()]
    return [one for one in members if isinstance(one, FunctionType)]


def _is_ours(one: Any) -> bool:
    module = one.__name__ if isinstance(one, ModuleType) else one.__module__
    return bool(module.partition(".")[0] == _HERE)
