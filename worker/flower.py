"""Flower, a command of Celery's that runs in this application: who reaches it, and that it ends in time."""

import os
import signal
import sys
import threading
import time
from typing import Final

import click

#: While Redis is away, Flower's threads try to reach it without end, and Python waits for them.
_PATIENCE_SECONDS: Final = 2.0
_WRONG_USAGE: Final = 2


def is_asked_for() -> bool:
    """Whether Celery's command line runs Flower."""
    context = click.get_current_context(silent=True)
    while context is not None:
        if "flower" in (context.info_name, context.invoked_subcommand):
            return True
        context = context.parent
    return False


def refuse_unknown_options() -> None:
    """Ends the process if Flower was given an option that it would pass over, as it does with a mistyped --address."""
    from tornado.options import options  # noqa: PLC0415 - installed where Flower is

    context = click.get_current_context(silent=True)
    given: tuple[str, ...] = context.params.get("tornado_argv", ()) if context else ()
    for word in given:
        if not word.startswith("-") or word.lstrip("-").partition("=")[0] not in options:
            sys.stderr.write(f"celery flower: there is no option {word}\n")
            sys.exit(_WRONG_USAGE)


def keep_to_this_machine() -> None:
    """
    Makes it listen on the loopback address, unless another one is named or a password is asked for: of itself it
    listens on all, and shows to anybody whose calls there are. To be called before it listens.
    """
    from tornado.options import options  # noqa: PLC0415

    if not (options.address or options.unix_socket or options.basic_auth or options.auth):
        options.address = "127.0.0.1"


def end_in_time() -> None:
    """Makes SIGTERM and SIGINT end it within two seconds. To be called before its loop runs, in the main thread."""
    from tornado.ioloop import IOLoop  # noqa: PLC0415

    IOLoop.current().add_callback(_listen)  # after Flower has set a handler of its own


def _listen() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)


def _end(*_: object) -> None:
    threading.Thread(target=_cut_off, name="shutdown", daemon=True).start()
    sys.exit(0)  # out of the loop, which Flower takes for its end


def _cut_off() -> None:
    time.sleep(_PATIENCE_SECONDS)
    os._exit(0)
