"""
A program that is told to end while it imports: … SIGTERM celery.app.routes celery -A worker beat

The signal comes when that module is looked for, in the middle of the one that imports it; the rest is as after -m.
"""

import os
import runpy
import signal
import sys


class _Teller:
    """Finds nothing."""

    def __init__(self, number: signal.Signals, module: str) -> None:
        self._number = number
        self._module = module

    def find_spec(self, name: str, *_: object) -> None:
        if name == self._module:
            print("told", flush=True)
            os.kill(os.getpid(), self._number)


if __name__ == "__main__":
    _, word, module, *sys.argv = sys.argv
    sys.meta_path.insert(0, _Teller(signal.Signals[word], module))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
