"""
A copy of all that Redis holds at one instant, while it goes on: nothing in it is changed, so nothing is to be put back.

Redis sends what a replica would get. Behind it stands, as a command of an append-only file, the mark of a copy, which
keeps every part drained: so the file is one that Redis reads at its start as `appendonly.aof`.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from schemas import keys
from schemas.errors import RecordError

#: The name that Redis reads at its start.
FILE_NAME: Final = "appendonly.aof"
_MAGIC: Final = b"REDIS"
_PIECE_BYTES: Final = 1 << 20
#: Redis says every second that it is still at it.
_PATIENCE_SECONDS: Final = 60
_END_BYTES: Final = 40


def write_backup(redis: "Redis", file: Path) -> int:
    """Writes the copy, readable to its user only, and returns its size; the file is there when it is whole."""
    with whole_or_gone(file) as opened:
        from_ms = now_ms(redis)
        with _snapshot(redis) as pieces:
            for place, piece in enumerate(pieces):
                if place == 0:
                    mark = {"from_ms": from_ms, "at_ms": now_ms(redis), "id": uuid4().hex}
                opened.write(piece)
        opened.write(_commands(redis, mark))
    return file.stat().st_size


def put_copy(file: Path, folder: Path) -> Path:
    """
    Puts a copy where a Redis that is to start reads it, as a file of the folder's owner if that may be done.

    Raises RecordError if it is none, or something is there.
    """
    copy_id(file)
    found = [path.name for pattern in ("appendonly*", "*.rdb") for path in folder.glob(pattern)]
    if found:
        raise RecordError(f"{folder} is not empty: {', '.join(sorted(found))} is there")
    with file.open("rb") as opened, whole_or_gone(folder / FILE_NAME) as copied:
        shutil.copyfileobj(opened, copied, _PIECE_BYTES)
        with suppress(PermissionError):
            os.fchown(copied.fileno(), folder.stat().st_uid, folder.stat().st_gid)
    return folder / FILE_NAME


@contextmanager
def whole_or_gone(file: Path) -> Iterator[BinaryIO]:
    """
    What is written gets the file's name when all of it is on the disk: a copy without its end is one without its mark.

    Raises RecordError if another process is writing it.
    """
    unfinished = file.with_name(f"{file.name}.part")
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = os.path.samefile(unfinished, opened.fileno())
        except BlockingIOError:
            alone = False
        if not alone:
            raise RecordError(f"{unfinished} is being written: wait until that is done, or name another file")
        opened.truncate()
        try:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
            unfinished.rename(file)
        except BaseException:
            unfinished.unlink()
            raise


def copy_id(file: Path) -> str:
    """The id of a copy; raises RecordError if the file is not a whole one."""
    with file.open("rb") as opened:
        begins = opened.read(len(_MAGIC))
        opened.seek(max(0, file.stat().st_size - 400))
        words = opened.read().split(b"\r\n")
    if begins != _MAGIC or words[-3:-2] != [b"$32"] or keys.COPY.encode() not in words:
        raise RecordError(f"{file} is no copy that `worker.admin backup` made, or only a part of one")
    return words[-2].decode()


def now_ms(redis: "Redis") -> int:
    """What time it is by Redis's clock."""
    seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


@contextmanager
def _snapshot(redis: "Redis") -> Iterator[Iterator[bytes]]:
    """What a new replica is sent, piece by piece, over a connection that is closed behind it."""
    connection: Any = redis.connection_pool.get_connection()
    try:
        connection.send_command("REPLCONF", "capa", "eof")
        connection.read_response()
        connection.send_command("SYNC")
        connection._sock.settimeout(_PATIENCE_SECONDS)
        with connection._sock.makefile("rb") as stream:
            yield _pieces(stream)
    finally:
        connection.disconnect()
        redis.connection_pool.release(connection)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The snapshot without its frame: its length stands before it, or forty bytes that stand behind it again."""
    head = stream.readline().strip()
    while not head:  # it is still at it
        head = stream.readline().strip()
    if not head.startswith(b"$"):
        raise ResponseError(f"it sends no copy ({head.decode('utf-8', 'replace').lstrip('-')})")
    if head.startswith(b"$EOF:"):
        yield from _until(stream, head[5:])
        return
    left = int(head[1:])
    while left:
        piece = stream.read(min(left, _PIECE_BYTES))
        if not piece:
            raise RedisConnectionError("Redis ended the connection before the copy was whole")
        left -= len(piece)
        yield piece


def _until(stream: BinaryIO, end: bytes) -> Iterator[bytes]:
    kept = b""
    while not kept.endswith(end):
        piece = stream.read1(_PIECE_BYTES)  # type: ignore[attr-defined]  # a reader that is buffered
        if not piece:
            raise RedisConnectionError("Redis ended the connection before the copy was whole")
        kept += piece
        if end in kept:
            kept = kept[: kept.index(end) + _END_BYTES]
        elif len(kept) > _END_BYTES:
            yield kept[:-_END_BYTES]
            kept = kept[-_END_BYTES:]
    yield kept[:-_END_BYTES]


def _commands(redis: "Redis", mark: dict[str, Any]) -> bytes:
    """
    As they stand in an append-only file; the id is the last word.

    Every database is marked, for the copy is of all: another deployment may have one of them.
    """
    databases = {int(redis.connection_pool.connection_kwargs.get("db", 0))}
    with suppress(ResponseError):  # it may not ask
        databases |= {int(name.removeprefix("db")) for name in redis.info("keyspace")}
    words = [word for pair in mark.items() for word in pair]
    return b"".join(_command("SELECT", one) + _command("HSET", keys.COPY, *words) for one in sorted(databases))


def _command(*words: Any) -> bytes:
    texts = [str(word).encode() for word in words]
    return b"".join([b"*%d\r\n" % len(texts), *(b"$%d\r\n%s\r\n" % (len(text), text) for text in texts)])
