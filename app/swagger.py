"""Swagger UI, served from files of the swagger-ui-bundle-v2 package: no CDN."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

from app.documentation import TITLE
from app.openapi import document

DOCS_PATH: Final = "/api/docs"
DOCUMENT_PATH: Final = f"{DOCS_PATH}/openapi.json"
_FILES_PATH: Final = f"{DOCS_PATH}/static"

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{TITLE}</title>
  <link rel="stylesheet" href="{_FILES_PATH}/swagger-ui.css">
  <link rel="icon" href="{_FILES_PATH}/favicon-32x32.png">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="{_FILES_PATH}/swagger-ui-bundle.js"></script>
  <script src="{DOCS_PATH}/start.js"></script>
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

    app.router.add_get(DOCS_PATH, page)
    app.router.add_get(f"{DOCS_PATH}/start.js", start)
    app.router.add_get(DOCUMENT_PATH, openapi_json)
    app.router.add_static(_FILES_PATH, _newest_bundle())


def _newest_bundle() -> Path:
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    return max(vendor.glob("swagger-ui-5.*"))
