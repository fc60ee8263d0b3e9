"""What happened to do-not-call lists, as a file: proof for whoever asks, and what a restore must not lose."""

import json
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, TextIO

from schemas import keys
from schemas.do_not_call.lists import digest_of, merge
from schemas.errors import RecordError
from worker.admin.copies.backup import now_ms, whole_or_gone
from worker.admin.store import Store

_AT_ONCE: Final = 500
_NEEDED: Final = frozenset({"id", "list", "number", "act"})


def write_proof(store: Store, file: TextIO) -> None:
    """
    One JSON object a line, oldest first; before them, what digests of numbers are made with, and when it is written.

    A number stands there for its digest, as long as it is not forgotten.
    """
    at_ms = str(now_ms(store.redis))
    salt = str(store.redis.get(keys.OPTOUT_SALT) or "")
    numbers = _numbers_by_digest(store, salt)
    file.write(json.dumps({"salt": salt, "at_ms": at_ms}) + "\n")
    behind = "-"
    while page := _page(store, behind):
        for entry_id, told in page:
            entry = {"id": entry_id, **told, "number": numbers.get(told["number"], told["number"])}
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")
        behind = f"({page[-1][0]}"


def write_file(store: Store, file: Path) -> None:
    """Likewise, into a file that stays what it was unless all of it is written."""
    with whole_or_gone(file) as opened:
        text = TextIOWrapper(opened, "utf-8")
        write_proof(store, text)
        text.detach()


def _page(store: Store, behind: str) -> list[tuple[str, dict[str, str]]]:
    found: Any = store.redis.xrange(keys.OPTOUT_PROOF, behind, "+", count=_AT_ONCE)
    return list(found)


def _numbers_by_digest(store: Store, salt: str) -> dict[str, str]:
    """Of all numbers that are on a list, or were."""
    lists = store.redis.smembers(keys.OPTOUT_LISTS)
    return {
        digest_of(salt, number): number
        for one in lists
        for number, _ in store.redis.hscan_iter(keys.opt_outs(str(one)), count=_AT_ONCE)
    }


def merge_proof(store: Store, file: Path) -> int:
    """Lets happen here what the file tells of; how many changed a list. Raises RecordError if it is no such file."""
    lines = _lines(file)
    first = next(lines, {})
    salt, copied_ms = first.get("salt"), str(store.redis.hget(keys.COPY, "from_ms") or "")
    if salt is None:
        raise RecordError(f"{file} is nothing that `worker.admin opt-outs` wrote")
    if first.get("at_ms", copied_ms) < copied_ms:  # both of thirteen digits; earlier versions did not write when
        raise RecordError(f"{file} was written before the copy, and knows of no opt-out since: give a later one")
    entries, changed = list(lines), 0
    if not all(_NEEDED.issubset(entry) for entry in entries):
        raise RecordError(f"{file} holds a line that is no entry of `worker.admin opt-outs`: nothing is merged")
    for start in range(0, len(entries), _AT_ONCE):
        changed += store.run(merge(salt, entries[start : start + _AT_ONCE]))
    return changed


def _lines(file: Path) -> Iterator[Mapping[str, str]]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        lines = [""]
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise RecordError(f"{file} holds a line that is no entry of `worker.admin opt-outs`: nothing is merged")
        yield found
