"""Swagger UI, served from files of the swagger-ui-bundle-v2 package: no CDN."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

from app.documentation import DOCS_PATH, DOCUMENT_PATH, FILE_ROUTE, FILES_PATH, START_PATH, TITLE
from app.openapi import document

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
    """Adds the OpenAPI document of the routes added so far, and the pages that show it."""
    described = document(app)

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def start(request: web.Request) -> web.Response:
        return web.Response(text=_START, content_type="text/javascript")

    async def openapi_json(request: web.Request) -> web.Response:
        return web.json_response(described)

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


def _newest_bundle() -> Path:
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    return max(vendor.glob("swagger-ui-5.*"))
