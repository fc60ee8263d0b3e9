"""The rules: what is odd about a script as Redis runs it, told by the lines that it is put together of."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from tests.lua.names import Local, Names, names_of


@dataclass(frozen=True)
class Part:
    """A file, or some lines of one."""

    file: str
    text: str
    first_line: int = 1  #: of the file


@dataclass(frozen=True)
class Script:
    """All its parts in their order; the last is its own, the others it shares."""

    parts: Sequence[Part]

    @cached_property
    def _names(self) -> Names:
        return names_of("".join(part.text for part in self.parts))

    @cached_property
    def _starts(self) -> list[int]:
        """The line before each part's first."""
        return [0, *accumulate(part.text.count("\n") for part in self.parts)][:-1]

    def oddities(self) -> Iterator[str]:
        """What would be odd wherever it stood."""
        return (f"{self._place(oddity.line)}: {oddity.what}" for oddity in self._names.oddities)

    def unused(self) -> Iterator[str]:
        """Names whose value nothing of this script uses."""
        return (self._named(local) for local in self._names.locals if not local.reads)

    def used(self) -> Iterator[str]:
        """The others, told alike."""
        return (self._named(local) for local in self._names.locals if local.reads)

    def _named(self, local: Local) -> str:
        return f"{self._place(local.line)}: {local.name} is not used"

    def _place(self, line: int) -> str:
        number = self._part(line)
        part = self.parts[number]
        return f"{part.file}:{part.first_line - 1 + line - self._starts[number]}"

    def _part(self, line: int) -> int:
        return bisect_right(self._starts, line - 1) - 1


def findings(scripts: Iterable[Script]) -> list[str]:
    """What is odd about these scripts, each once. A name that is shared is used if one of them uses it."""
    found, unused, used = set[str](), set[str](), set[str]()
    for script in scripts:
        found.update(script.oddities())
        unused.update(script.unused())
        used.update(script.used())
    return sorted(found | unused - used)
