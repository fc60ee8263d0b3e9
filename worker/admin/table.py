"""Answers: aligned columns for people, JSON for machines."""

import json
from collections.abc import Sequence
from typing import Any


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Columns as wide as their widest cell; no value is a dash."""
    cells = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def show_overview(found: dict[str, Any]) -> str:
    """The queue for people: what stands still first."""
    waiting, live, account = found["waiting"], found["live"], found["account"]
    states = ", ".join(f"{count} {state}" for state, count in live.items() if state not in {"total", "limit"})
    due = ", ".join(f"{count} {priority}" for priority, count in waiting["due_by_priority"].items())
    lines: list[tuple[str, Any]] = [
        ("now", found["now"]),
        ("drained since", account["drained_since"]),
        ("account held", account["held"]),
        ("next probe", account["next_probe_at"]),
        ("account paused until", account["paused_until"]),
        ("due calls", f"{waiting['due_calls']} ({due})"),
        ("due campaigns", waiting["due_campaigns"]),
        ("not due yet", waiting["not_due"]),
        ("live calls", f"{live['total']} of {live['limit']}" + (f" ({states})" if states else "")),
        ("account pace, next", account["next_call_at"] or "now"),
        ("single-call pace, next", account["next_single_call_at"] or "now"),
        ("undelivered events", found["undelivered_events"]),
        ("workers", ", ".join(found["workers"]) or "none is alive"),
        ("beats", ", ".join(found["beats"]) or "none is alive"),
    ]
    text = "\n".join(f"{name + ':':24}{value}" for name, value in lines if value is not None)
    if not found["campaigns"]:
        return text
    columns = ("id", "waiting", "live", "max_live")
    rows = [[campaign[name] for name in columns] for campaign in found["campaigns"]]
    return f"{text}\n\n{table(('campaign', *columns[1:]), rows)}"


def as_json(body: object) -> str:
    """With a line feed at its end."""
    return json.dumps(body, indent=2) + "\n"


def _cell(value: Any) -> str:
    return "-" if value is None or value == "" else str(value)
