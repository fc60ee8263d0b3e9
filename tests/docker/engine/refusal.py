"""What this engine does not do."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

#: As Docker has it.
_REFUSED: Final = 125


class Refusal(Exception):
    """Why a command is not carried out; a test in which one came has failed, whatever became of the command."""


def noted(program: str, run: Callable[[Path], int]) -> int:
    """The exit code of a program, which is given its state; a refusal is noted, for a script may pass over it."""
    state = Path(os.environ["ENGINE_STATE"])
    try:
        return run(state)
    except Refusal as refusal:
        with (state / "refused").open("a") as file:
            file.write(f"{program} {' '.join(sys.argv[1:])}\n{refusal}\n")
        print(refusal, file=sys.stderr)
        return _REFUSED
