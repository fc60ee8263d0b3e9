"""What a container's words mean out here: its paths are paths of this machine, its hosts and itself are addresses."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.processes import BIN

_VENV: Final = "/venv"
_OWN: Final = ("0.0.0.0", "127.0.0.1")  # noqa: S104 - words that are replaced
#: Words that mean every address; the second may be missing, and so is one of RFC 5737.
_EVERY: Final = {"*": "{}", "-::*": "-192.0.2.1"}
_MOST_BYTES: Final = 1 << 16


class Translation:
    """Of one container."""

    def __init__(self, places: Mapping[str, str], address: str, hosts: Mapping[str, str]) -> None:
        self._places = {**places, _VENV: str(BIN.parent)}
        self._words = {**self._places, **hosts, **dict.fromkeys(_OWN, address)}
        paths, names, own = (_either(one) for one in (self._places, hosts, _OWN))
        self._address = address
        self._form = re.compile(
            rf"(?<![\w./-])(?:{paths})(?![\w.-])|(?<=[/@])(?:{names})(?=:\d)|(?<![\d.])(?:{own})(?![\d.])"
        )

    def out(self, text: str) -> str:
        if text in _EVERY:
            return _EVERY[text].format(self._address)
        return self._form.sub(lambda found: self._words[found[0]], text)

    def back(self, text: str) -> str:
        """Only its paths, which are all that a program of the container's may have written down."""
        for path, place in self._places.items():
            text = text.replace(place, path)
        return text

    def show(self, source: Path, place: Path) -> None:
        """Makes what is at the source readable in the container's words, at the place."""
        if source.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            for path in source.iterdir():
                self.show(path, place / path.name)
            return
        text = _text_of(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            place.write_bytes(source.read_bytes())
        else:
            place.write_text(self.out(text), "utf-8")

    def keep(self, folder: Path) -> None:
        """Puts what the container wrote in the folder into its own words."""
        for path in folder.iterdir():
            if path.is_file() and (text := _text_of(path)) is not None and (own := self.back(text)) != text:
                path.write_text(own, "utf-8")


def _either(words: Mapping[str, str] | tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _text_of(path: Path) -> str | None:
    """None of what is no text, or large."""
    if path.stat().st_size > _MOST_BYTES:
        return None
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None
