"""Swagger UI, served from files of the swagger-ui-bundle-v2 package: no CDN."""

import asyncio
import json
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

from app.documentation import DOCS_PATH, DOCUMENT_PATH, FILE_ROUTE, FILES_PATH, START_PATH, TITLE

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{TITLE}</title>
  <link rel="stylesheet" href="{FILES_PATH}/swagger-ui.css">
  <link rel="icon" href="{FILES_PATH}/favicon-32x32.png">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="{FILES_PATH}/swagger-ui-bundle.js"></script>
  <script src="{START_PATH}"></script>
</body>
</html>
"""

_START: Final = f"""window.onload = () => SwaggerUIBundle({{
  url: "{DOCUMENT_PATH}", dom_id: "#swagger-ui", deepLinking: true, tryItOutEnabled: true,
}});
"""


def add_documentation(app: web.Application) -> None:
    """Adds the OpenAPI document of the application's routes, and the pages that show it."""
    described = ""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def start(request: web.Request) -> web.Response:
        return web.Response(text=_START, content_type="text/javascript")

    async def openapi_json(request: web.Request) -> web.Response:
        nonlocal described
        described = described or await asyncio.to_thread(_described, app)
        return web.Response(text=described, content_type="application/json")

    files_by_name = {path.name: path for path in _newest_bundle().iterdir()}

    async def file(request: web.Request) -> web.FileResponse:
        """A name that is not among them is no path to anywhere."""
        path = files_by_name.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path)

    app.router.add_get(DOCS_PATH, page)
    app.router.add_get(START_PATH, start)
    app.router.add_get(DOCUMENT_PATH, openapi_json)
    app.router.add_get(FILE_ROUTE, file)


def _described(app: web.Application) -> str:
    """The document, as JSON. What makes it is loaded when somebody asks, as few do."""
    from app.openapi import document  # noqa: PLC0415

    return json.dumps(document(app))


def _newest_bundle() -> Path:
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    return max(vendor.glob("swagger-ui-5.*"))
