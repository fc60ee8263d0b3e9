"""The Lua scripts: the only code that changes what Redis holds about calls."""

from functools import cache
from importlib.resources import files


@cache
def source(name: str) -> str:
    """Lua text of a script, with the prelude that all of them share in front."""
    folder = files(__name__)
    prelude = folder.joinpath("prelude.lua").read_text("utf-8")
    return prelude + folder.joinpath(f"{name}.lua").read_text("utf-8")
