"""Log lines reach stdout whole, in their order, and with one write a turn of the event loop."""

import subprocess
import sys

from tests.processes import ROOT

LOGGING = """
import asyncio, sys, threading
from app.telemetry.log_output import LogOutput

sys.stdin.read()
output = LogOutput()
output.line("before the loop")


async def main():
    for number in range(3):
        output.line(f"turn one, line {number}")
    await asyncio.sleep(0.01)
    output.line("turn two")
    thread = threading.Thread(target=output.line, args=["of a thread"])
    thread.start()
    thread.join()
    await asyncio.sleep(0.01)
    output.line("the last turn")
    sys.exit(3)

def stop():
    output.line("no turn comes after this")
    loop.stop()


try:
    asyncio.run(main())
finally:
    loop = asyncio.new_event_loop()
    loop.call_soon(stop)
    loop.run_forever()
"""

LINES = [
    "before the loop",
    "turn one, line 0",
    "turn one, line 1",
    "turn one, line 2",
    "turn two",
    "of a thread",
    "the last turn",
    "no turn comes after this",
]


def test_every_line_comes_in_its_order_also_those_of_threads_and_of_a_program_that_ends_itself() -> None:
    command = [sys.executable, "-c", LOGGING]
    ended = subprocess.run(command, cwd=ROOT, input=b"", capture_output=True, timeout=60, check=False)
    assert ended.stdout.decode().splitlines() == LINES
    assert ended.returncode == 3


def test_nobody_reading_the_log_ends_nothing() -> None:
    command, pipe = [sys.executable, "-c", LOGGING], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.close()
        process.stdin.close()
        assert process.wait(30) == 3
