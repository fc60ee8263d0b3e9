"""Runs the whole service in one terminal, with nothing installed beside Python: what `make run` runs."""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # While the rest is loaded, Ctrl-C has nothing to stop.

import argparse
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Final

from docker.local import stack
from docker.local.calls import Calls, tasks_in
from docker.local.data import ROOT, Data, lock
from docker.local.environment import StartError, environment_for, has_own_redis, is_simulated
from docker.local.logs import Logs
from docker.local.parts import Asked, Events, Parts
from docker.local.stack import Stack
from docker.local.terminal import Terminal, entry_of, say
from runtime import running
from runtime.connections import connect
from runtime.environment import Environment
from runtime.settings import read_shared
from schemas.errors import SettingsError

_ASKED_BY: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EPILOG = "Settings are environment variables: see docs/settings.md. Ctrl-C stops everything."


def main() -> int:
    argparse.ArgumentParser(prog="python -m docker.local", description=__doc__, epilog=_EPILOG).parse_args()
    os.umask(0o077)  # Numbers, words and passwords are written below.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # whatever letters the terminal knows
    try:
        return _run(lock())
    except (StartError, SettingsError) as error:
        say(str(error))
    except OSError as error:
        say(f"{error.filename or 'The stack'} cannot be used: {error.strerror or error}.")
    return 1


def _run(held: int) -> int:
    events = Events()
    for number in _ASKED_BY:
        signal.signal(number, lambda *_: events.put(Asked()))
    data = Data.of(os.environ.get("TWILIO_ACCOUNT_SID", "").strip())
    env = environment_for(os.environ, data.password)
    one = Stack(env, data, Logs(data.logs), is_simulated(os.environ), has_own_redis(os.environ), held)
    one.check_ports()
    parts = Parts(env, ROOT, events, _listener(one, events))
    try:
        with running.told(env, more=running.PLAYED if one.simulated else ()):
            one.run(parts)
        say("\nstopping")
    except StartError as error:
        say(f"\n{error}")
        return 1
    finally:
        stack.stop(parts)
        one.logs.close()
        for number in _ASKED_BY:
            signal.signal(number, signal.SIG_IGN)  # It ends anyway; Python, ending, would die of one more.
    return 0


def _listener(one: Stack, events: Events) -> Callable[[str, str], None]:
    """What becomes of a line of a part: all go into its log, few to the terminal."""
    environment = Environment(one.env)
    settings = read_shared(environment)
    environment.check()
    terminal = Terminal(lambda: events.put(Asked()))
    calls = Calls(connect(settings["redis_url"], settings["sentinel"]), terminal.tell)
    calls.start()

    def listen(part: str, line: str) -> None:
        one.logs.write(part, line)
        entry = entry_of(line)
        for task_id in tasks_in(entry):
            calls.name(task_id)
        terminal.warn(part, entry)

    return listen


if __name__ == "__main__":
    sys.exit(main())
