"""`python -m simulator`: serve the simulator until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys

import uvloop

from simulator.calls.archive import Archive
from simulator.journal import Journal
from simulator.options import parser, place_of, settings_of
from simulator.server import build_app
from simulator.serving import serving


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    place = place_of(arguments)
    journal = Journal(arguments.log_format, sys.stdout.fileno())
    try:
        archive = Archive(arguments.data) if arguments.data else None
        async with serving(await build_app(settings_of(arguments), journal, archive), place) as said:
            print(*said, sep="\n", flush=True)
            journal.open()  # behind that: calls of an earlier run go on already
            await stop.wait()
    finally:
        journal.close()


def main() -> int:
    """Run; a port in use, a bad address or certificate is one line on stderr and exit code 1."""
    arguments = parser().parse_args()
    # Full collections over hundreds of thousands of remembered calls would hold requests up.
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    try:
        uvloop.run(_serve(arguments))
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
