"""The table of figures: what was measured, ours, the peer's, their ratio and the bound it is held against."""

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Measurement: TypeAlias = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """One line; `ratio` is ours divided by the peer's."""

    what: str
    unit: str
    ours: float
    peer: str
    peers: float
    bound: float
    bound_is: Literal["least", "most"] = "least"

    @property
    def ratio(self) -> float:
        return self.ours / self.peers

    @property
    def reached(self) -> bool:
        return self.ratio >= self.bound if self.bound_is == "least" else self.ratio <= self.bound

    def cells(self) -> tuple[str, ...]:
        sign = "≥" if self.bound_is == "least" else "≤"
        return (
            self.what,
            f"{number(self.ours)} {self.unit}",
            f"{self.peer}: {number(self.peers)} {self.unit}",
            number(self.ratio),
            f"{sign} {number(self.bound)}",
            "yes" if self.reached else "NO",
        )


def alternate(rounds: int, measurements: Mapping[str, Measurement]) -> dict[str, float]:
    """The median of each; they take turns, so that what disturbs the machine disturbs all of them."""
    taken: dict[str, list[float]] = {name: [] for name in measurements}
    for _ in range(rounds):
        for name, measure in measurements.items():
            taken[name].append(measure())
    for name, values in taken.items():
        sys.stderr.write(f"  {name}: {', '.join(number(value) for value in values)}\n")
    return {name: statistics.median(values) for name, values in taken.items()}


def number(value: float) -> str:
    """Three digits that count; thousands with a comma."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def markdown(rows: Iterable[Row]) -> str:
    """The table, as it stands in docs/figures.md."""
    lines = ["| what | ours | peer | ratio | bound | reached |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *("| " + " | ".join(row.cells()) + " |" for row in rows)])
