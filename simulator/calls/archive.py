"""What outlives the simulator: each call as it stands, in a file, written before anybody hears of a change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from simulator.calls.call import Call, CallbackRecord, CallError
from simulator.calls.script import Script
from simulator.form.call_request import read_call_request
from simulator.form.parameter import Document

_FILE = "calls.sqlite"
_PRIVATE = 0o700
#: A process that is killed loses nothing of what was written so; only a machine that loses its power may.
_SETTINGS = ("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF")
_TABLE = "CREATE TABLE IF NOT EXISTS calls (ordinal INTEGER PRIMARY KEY, sid TEXT UNIQUE, call TEXT)"
#: Made anew from what the call's request said.
_REQUEST = "request"


class Archive:
    """The calls in one folder, which one simulator at a time uses. Raises OSError if it cannot be used."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            self._file = sqlite3.connect(folder / _FILE, timeout=0, isolation_level=None)
            for statement in (*_SETTINGS, _TABLE):
                self._file.execute(statement)
            self._file.execute("BEGIN IMMEDIATE")
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise OSError(f"the calls in {folder} cannot be used, maybe another simulator does: {error}") from error

    def keep(self, calls: Iterable[Call]) -> None:
        """Write these calls as they stand."""
        rows = [(call.ordinal, call.sid, json.dumps(_written(call))) for call in calls]
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO calls VALUES (?, ?, ?)", rows)
        self._file.execute("COMMIT")

    def drop(self, call: Call) -> None:
        """Keep it no longer."""
        self._file.execute("DELETE FROM calls WHERE ordinal = ?", (call.ordinal,))

    def drop_all(self) -> None:
        """Keep nothing."""
        self._file.execute("DELETE FROM calls")

    def kept(self) -> Iterator[Call]:
        """The calls of earlier runs, oldest first."""
        for (text,) in self._file.execute("SELECT call FROM calls ORDER BY ordinal").fetchall():
            yield _read(json.loads(text))

    def close(self) -> None:
        """Let another simulator have it."""
        self._file.close()


def _written(call: Call) -> dict[str, Any]:
    values: dict[str, Any] = {one.name: getattr(call, one.name) for one in fields(call) if one.name != _REQUEST}
    for name in ("script", "status_callback", "fallback"):
        values[name] = asdict(values[name])
    for name in ("callbacks", "errors"):
        values[name] = [asdict(one) for one in values[name]]
    return values


def _read(values: dict[str, Any]) -> Call:
    made: dict[str, Any] = {
        "request": read_call_request(values["params"]),
        "script": Script(**values["script"]),
        "status_callback": Document(**values["status_callback"]),
        "fallback": Document(**values["fallback"]),
        "callbacks": [CallbackRecord(**one) for one in values["callbacks"]],
        "errors": [CallError(**one) for one in values["errors"]],
    }
    return Call(**values | made)
