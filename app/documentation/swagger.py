"""Swagger UI, served from files of the swagger-ui-bundle-v2 package: no CDN."""

import asyncio
import json
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path
from secrets import token_hex
from typing import Final

from aiohttp import web

from app.context import SETTINGS
from app.documentation.about import TITLE
from app.documentation.examples import served
from app.errors import NotFound
from app.paths import DOCS_PATH, DOCS_SLASH_PATH, DOCUMENT_PATH, FILE_ROUTE, START_PATH

#: Of the files, which change with it.
_VERSION: Final = version("swagger-ui-bundle-v2")

_CONSOLE_LINK: Final = '<p style="margin: 1em 20px 0; font-family: sans-serif"><a href="@../../">Console</a></p>'

#: Every address in it is relative, so that it works below whatever prefix a proxy publishes it.
_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{TITLE}</title>
  <link rel="stylesheet" href="@static/swagger-ui.css">
  <link rel="icon" href="@static/favicon-32x32.png">
</head>
<body>
  {_CONSOLE_LINK}
  <div id="swagger-ui"></div>
  <script src="@static/swagger-ui-bundle.js"></script>
  <script src="@start.js"></script>
</body>
</html>
"""
_PLACES: Final = {DOCS_PATH: "docs/", DOCS_SLASH_PATH: ""}

_START: Final = """const besides = document.currentScript.src;
window.onload = () => SwaggerUIBundle({
  url: new URL("openapi.json", besides).href, dom_id: "#swagger-ui", deepLinking: true, tryItOutEnabled: true,
});
"""


def add_documentation(app: web.Application) -> None:
    """Adds the OpenAPI document of the application's routes, and the pages that show it."""
    described, describing = "", asyncio.Lock()
    whole = _PAGE if app[SETTINGS].console else _PAGE.replace(_CONSOLE_LINK, "")

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=whole.replace("@", _PLACES[request.path]), content_type="text/html")

    async def start(request: web.Request) -> web.Response:
        return web.Response(text=_START, content_type="text/javascript")

    async def openapi_json(request: web.Request) -> web.Response:
        nonlocal described
        async with describing:  # or all who ask before it is there would have it made, once each
            described = described or await asyncio.to_thread(_described, app)
        text = served(described, datetime.now(UTC), token_hex(4))
        return web.Response(text=text, content_type="application/json")

    files_by_name = {path.name: path for path in _newest_bundle().iterdir()}

    async def file(request: web.Request) -> web.Response:
        """A whole file; aiohttp's FileResponse refuses some ranges and conditions with what is no JSON."""
        path = files_by_name.get(request.match_info["name"])
        if path is None:  # a name that is not among them is no path to anywhere
            raise NotFound
        if any(tag.value in {_VERSION, "*"} for tag in request.if_none_match or ()):
            response = web.Response(status=304)
        else:
            media_type = guess_type(path.name)[0] or "application/octet-stream"
            response = web.Response(body=await asyncio.to_thread(_content, path), content_type=media_type)
        response.etag = _VERSION
        return response

    for path in _PLACES:
        app.router.add_get(path, page)
    app.router.add_get(START_PATH, start)
    app.router.add_get(DOCUMENT_PATH, openapi_json)
    app.router.add_get(FILE_ROUTE, file)


@cache
def _content(path: Path) -> bytes:
    """Of a file of a megabyte and more, once for all who ask, of whom some may not read it."""
    return path.read_bytes()


def _described(app: web.Application) -> str:
    """The document, as JSON, but for the times in it. What makes it is loaded when somebody asks, as few do."""
    from app.documentation.openapi import document  # noqa: PLC0415

    return json.dumps(document(app))


def _newest_bundle() -> Path:
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    return max(vendor.glob("swagger-ui-5.*"))
