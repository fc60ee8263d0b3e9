"""The console's files, served as they are: a page at `/`, and what it refers to under `/console/`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from app.errors import NotFound
from app.http.headers import CONSOLE_HEADERS
from app.paths import CONSOLE_FILE_ROUTE, CONSOLE_PATH

_FOLDER: Final = Path(__file__).with_name("static")
_PAGE: Final = "index.html"
_MEDIA_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class _File(NamedTuple):
    body: bytes
    media_type: str
    etag: str


def add_console(app: web.Application) -> None:
    """Adds the page and its files; of other names nothing is served, whatever they look like."""
    files = _read_files()

    async def page(request: web.Request) -> web.Response:
        return _answer(request, files[_PAGE])

    async def file(request: web.Request) -> web.Response:
        found = files.get(request.match_info["name"])
        if found is None or found is files[_PAGE]:
            raise NotFound
        return _answer(request, found)

    app.router.add_get(CONSOLE_PATH, page)
    app.router.add_get(CONSOLE_FILE_ROUTE, file)


def _read_files() -> Mapping[str, _File]:
    found = {}
    for path in _FOLDER.iterdir():
        if media_type := _MEDIA_TYPES.get(path.suffix):
            body = path.read_bytes()
            found[path.name] = _File(body, media_type, hashlib.sha256(body).hexdigest()[:16])
    return found


def _answer(request: web.Request, file: _File) -> web.Response:
    if any(tag.value in {file.etag, "*"} for tag in request.if_none_match or ()):
        response = web.Response(status=304)
    else:
        response = web.Response(body=file.body, content_type=file.media_type, charset="utf-8")
    response.headers.update(CONSOLE_HEADERS)
    response.etag = file.etag
    return response
