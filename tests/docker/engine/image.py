"""Images: of the Dockerfile's stages what they copy of the code and say of their process; of Redis its programs."""

import json
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from docker.local.embedded_redis import find_server
from tests.docker.engine.refusal import Refusal
from tests.processes import BIN

_STAGE: Final = re.compile(r"^FROM (\S+) AS (\S+)$", re.MULTILINE)
_WORDS: Final = re.compile(r"^(ENTRYPOINT|CMD) (\[.*\])$", re.MULTILINE)
_CHECK: Final = re.compile(r"^HEALTHCHECK .*?CMD (.+)$", re.MULTILINE)
_ENV: Final = re.compile(r"^ENV (.+)$", re.MULTILINE)
_COPY: Final = re.compile(r"^COPY (--from=code )?(\S+) (/srv\S*)$", re.MULTILINE)
#: Where images of Redis, and of what is like it, have their programs.
_REDIS: Final = re.compile(r"(.*/)?(redis|valkey)(:.*)?")


@dataclass(frozen=True)
class Image:
    """What a container is made of."""

    id: str
    root: str  #: a folder with its /srv
    entrypoint: Sequence[str]
    command: Sequence[str]
    env: Mapping[str, str]
    check: Sequence[str]


class Images:
    """Those that were built, by their tags, and Redis's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, tag: str, target: str, context: Path, dockerfile: Path) -> None:
        text = dockerfile.read_text("utf-8").replace("\\\n", " ")
        _, *parts = _STAGE.split(text)
        stages = {name: (base, body) for base, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}
        if target not in stages:
            raise Refusal(f"{dockerfile} has no stage {target}")
        sources = {place.rstrip("/"): source for _, source, place in _COPY.findall(stages["code"][1])}
        sources |= {f"/srv/{Path(source).name}": source for source in sources.values()}
        base, body = stages[target]
        said = stages.get(base, ("", ""))[1] + body
        copied = [(sources[place], target_place) for whole, place, target_place in _COPY.findall(body) if whole]
        named = _digest(context, (source for source, _ in copied), said)
        root = self._folder / f"{target}-{named}"
        if not root.exists():
            _copy(context, copied, root)
        words = {kind: json.loads(told) for kind, told in _WORDS.findall(said)}
        check = _CHECK.findall(said)[-1]
        image = Image(
            named,
            str(root),
            words["ENTRYPOINT"],
            words.get("CMD", ()),
            dict(pair.split("=", 1) for line in _ENV.findall(said) for pair in shlex.split(line)),
            ["CMD", *json.loads(check)] if check.startswith("[") else ["CMD-SHELL", check],
        )
        self._file(tag).write_text(json.dumps(asdict(image)))

    def has(self, tag: str) -> bool:
        return self._file(tag).exists() or _REDIS.fullmatch(tag) is not None

    def get(self, tag: str) -> Image:
        if self._file(tag).exists():
            return Image(**json.loads(self._file(tag).read_text()))
        if not _REDIS.fullmatch(tag):
            raise Refusal(f"no image {tag}, and no registry in reach")
        return self._redis()

    def _redis(self) -> Image:
        """Redis's own programs, of which the client asks the container's own Redis unless it is told another."""
        root = self._folder / "redis"
        programs = root / "bin"
        if not programs.exists():
            programs.mkdir(parents=True)
            (root / "srv").mkdir()
            server = find_server()
            assert server is not None
            (programs / "redis-server").symlink_to(server)
            client = next(one for one in (server.with_name("redis-cli"), BIN / "redis-cli") if one.exists())
            (programs / "redis-cli").write_text(f'#!/bin/sh\nexec {client} -h "$OWN_ADDRESS" "$@"\n')
            (programs / "redis-cli").chmod(0o700)
        return Image("redis", str(root), (), ("redis-server",), {"PATH": f"{programs}:/usr/bin:/bin"}, ())

    def _file(self, tag: str) -> Path:
        return self._folder / f"{tag.replace('/', '_')}.json"


def _digest(context: Path, sources: Any, said: str) -> str:
    files = sorted(path for source in sources for path in _files(context / source))
    whole = sha256(said.encode())
    for path in files:
        whole.update(str(path.relative_to(context)).encode() + path.read_bytes())
    return whole.hexdigest()[:12]


def _files(path: Path) -> Sequence[Path]:
    return [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and one.suffix != ".pyc"]


def _copy(context: Path, copied: Sequence[tuple[str, str]], root: Path) -> None:
    """Byte code too: the image's own is compiled when it is built."""
    (root / "srv").mkdir(parents=True)
    for source, place in copied:
        path = root / place.lstrip("/")
        if (context / source).is_dir():
            shutil.copytree(context / source, path)
        else:
            shutil.copy2(context / source, path)
