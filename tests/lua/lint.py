"""The rules: what is odd about a script as Redis runs it, told by the files that it is put together of."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from tests.lua.names import Local, Names, names_of


@dataclass(frozen=True)
class Part:
    """One file of a script."""

    file: str
    text: str
    everywhere: bool = False  #: whether it stands in front of every script, used or not


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

    def idle_parts(self) -> Iterator[str]:
        """Shared parts of which the rest of the script uses nothing."""
        for number, part in enumerate(self.parts[:-1]):
            within = [local for local in self._names.locals if local.depth == 0 and self._part(local.line) == number]
            outside = any(self._part(line) != number for local in within for line in local.reads)
            if not outside and not part.everywhere:
                yield f"{self.parts[-1].file}: uses nothing of {part.file}"

    def _named(self, local: Local) -> str:
        return f"{self._place(local.line)}: {local.name} is not used"

    def _place(self, line: int) -> str:
        number = self._part(line)
        return f"{self.parts[number].file}:{line - self._starts[number]}"

    def _part(self, line: int) -> int:
        return bisect_right(self._starts, line - 1) - 1


def findings(scripts: Iterable[Script]) -> list[str]:
    """What is odd about these scripts, each once. A name that is shared is used if one of them uses it."""
    found, unused, used = set[str](), set[str](), set[str]()
    for script in scripts:
        found.update(script.oddities(), script.idle_parts())
        unused.update(script.unused())
        used.update(script.used())
    return sorted(found | unused - used)
