"""`python -m app`: the web tier alone."""

import os
import sys

import uvloop
from aiohttp import web

from app import logs
from app.application import create_app
from app.settings import Settings
from schemas.errors import SettingsError


def main() -> None:
    """Reads the settings and serves until SIGTERM or SIGINT."""
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure(settings)
    uvloop.install()
    web.run_app(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=None,
        shutdown_timeout=10,
        print=None,
    )


if __name__ == "__main__":
    main()
