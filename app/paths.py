"""Addresses of the web tier, and which of them need no key."""

from typing import Final

from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH

BASE_PATH: Final = "/api/v1/celery/twilio"
HEALTH_PATH: Final = f"{BASE_PATH}/health"
#: As aiohttp names it.
STATUS_ROUTE: Final = f"{BASE_PATH}/task-status/{{task_id}}"
STREAM_PATH: Final = f"{BASE_PATH}/stream"

BULK_PATH: Final = f"{BASE_PATH}/queue-bulk-calls"
#: Where a key that only reads may send a dry run; the handler refuses it anything else.
DRY_ROUTES: Final = frozenset({BULK_PATH})

DOCS_PATH: Final = "/api/docs"
DOCS_SLASH_PATH: Final = f"{DOCS_PATH}/"
DOCUMENT_PATH: Final = f"{DOCS_PATH}/openapi.json"
START_PATH: Final = f"{DOCS_PATH}/start.js"
FILES_PATH: Final = f"{DOCS_PATH}/static"
FILE_ROUTE: Final = f"{FILES_PATH}/{{name}}"

CONSOLE_PATH: Final = "/"
CONSOLE_FILE_ROUTE: Final = "/console/{name}"

#: Routes that need no key: probes, what Twilio signs, and the pages on which a person enters a key. Health tells more
#: to whoever has one.
OPEN_ROUTES: Final = frozenset(
    {
        HEALTH_PATH,
        "/livez",
        "/readyz",
        INCOMING_CALL_PATH,
        CALL_STATUS_PATH,
        DOCS_PATH,
        DOCS_SLASH_PATH,
        START_PATH,
        DOCUMENT_PATH,
        FILE_ROUTE,
        CONSOLE_PATH,
        CONSOLE_FILE_ROUTE,
    }
)
