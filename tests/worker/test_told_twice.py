"""A worker that is told twice at once to end, as by its process group and by its supervisor, ends."""

import subprocess
import sys

#: The second signal comes while the handler of the first holds the event's lock.
_TWICE = """
import threading
from celery.signals import worker_shutting_down
from worker import pulse

class Interrupted(threading.Event):
    again = iter((True,))

    def set(self):
        with self._cond:
            if next(self.again, False):
                worker_shutting_down.send(None)
        super().set()

pulse._stopped = Interrupted()
worker_shutting_down.send(None)
assert pulse._stopped.is_set()
"""


def test_a_second_signal_within_the_handler_of_the_first_holds_nothing_up() -> None:
    ended = subprocess.run([sys.executable, "-c", _TWICE], timeout=20, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
