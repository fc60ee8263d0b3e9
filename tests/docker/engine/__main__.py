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
from tests.docker.engine.refusal import noted
from tests.docker.engine.shelf import Shelf


def run(state: Path) -> int:
    """Raises Refusal for what is not known."""
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


if __name__ == "__main__":
    sys.exit(noted("docker", run))
