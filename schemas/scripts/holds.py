"""hold.lua and drain.lua: nothing goes, because Twilio or the operator says so."""

from schemas.lua.script import Script


def probed(probe: str, *, passed: bool) -> Script[bool]:
    """Records what a read as a probe of a held account found; False if that is no question any more."""
    return Script("hold", (probe, "1" if passed else ""), lambda answer: bool(answer == "1"))


def drain() -> Script[bool]:
    """Lets no call go any more; False if that was so already."""
    return Script("drain", ("drain",), lambda answer: bool(answer == "1"))


def resume() -> Script[bool]:
    """Lets calls go again; False if they did already."""
    return Script("drain", ("resume",), lambda answer: bool(answer == "1"))
