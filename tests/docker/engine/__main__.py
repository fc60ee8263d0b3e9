"""The program `docker`: tests/docker/operator.py puts it first on the PATH."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docker.engine import arguments
from tests.docker.engine.compose import Compose
from tests.docker.engine.image import Images
from tests.docker.engine.project import Project
from tests.docker.engine.refusal import Refusal
from tests.docker.engine.shelf import Shelf

#: As Docker has it.
_REFUSED = 125


def main() -> int:
    """A refusal is noted too, for a script may pass over it."""
    state = Path(os.environ["ENGINE_STATE"])
    try:
        told = arguments.read(sys.argv[1:])
        images = Images(state / "images")
        if told.tool == "build":
            images.build(told.tag, told.target, told.context, told.file)
            return 0
        project = Project(told.file, told.env_file, os.environ)
        shelf = Shelf(state, os.environ["ENGINE_NETWORK"])
        shelf.know(list(project.services))
        compose = Compose(project, images, shelf)
        commands: Mapping[str, Callable[[Namespace], int]] = {
            "build": compose.build,
            "up": compose.up,
            "exec": compose.exec,
            "run": compose.run,
            "ps": compose.ps,
            "restart": compose.restart,
            "stop": compose.stop,
        }
        return commands[told.command](told)
    except Refusal as refusal:
        with (state / "refused").open("a") as noted:
            noted.write(f"docker {' '.join(sys.argv[1:])}\n{refusal}\n")
        print(refusal, file=sys.stderr)
        return _REFUSED


if __name__ == "__main__":
    sys.exit(main())
