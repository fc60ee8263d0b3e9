"""The program `kubectl`, for a cluster that is this machine: it knows the commands of the pages, and refuses others."""

import argparse
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docker.engine.arguments import Parser
from tests.docker.engine.cluster import Cluster
from tests.docker.engine.image import Images
from tests.docker.engine.project import Service
from tests.docker.engine.refusal import Refusal, noted
from tests.docker.engine.shelf import Shelf
from tests.docker.files import env_file


class Kubectl:
    """What was applied stays known: it is what `scale` changes the number of."""

    def __init__(self, state: Path, network: str) -> None:
        self._shelf = Shelf(state, network)
        self._images = Images(state / "images")
        self._secrets = state / "secrets.json"
        self._applied = state / "kustomization"

    def create(self, told: Namespace) -> int:
        made = {told.name: env_file(told.from_env_file.read_text("utf-8"))}
        self._secrets.write_text(json.dumps(made))
        return 0

    def apply(self, told: Namespace) -> int:
        """Starts what is not there yet; an engine that is none has no rolling updates."""
        self._applied.write_text(str(told.kustomize.resolve()))
        services = self._services()
        self._shelf.know(list(services))
        for service in services.values():
            self._bring(service, service.replicas)
        return 0

    def scale(self, told: Namespace) -> int:
        self._bring(self._named(told.what), told.replicas)
        return 0

    def exec(self, told: Namespace) -> int:
        """In the first pod of a workload."""
        running = self._shelf.of(self._named(told.what).name)
        if not running:
            raise Refusal(f"no pod of {told.what} runs")
        return running[0].run(told.words)

    def _services(self) -> Mapping[str, Service]:
        secrets = json.loads(self._secrets.read_text()) if self._secrets.exists() else {}
        return {
            one.name: one for one in Cluster(Path(self._applied.read_text()), secrets, self._shelf.volume).services()
        }

    def _named(self, what: str) -> Service:
        kind, _, name = what.partition("/")
        if kind != "deployment" or name not in self._services():
            raise Refusal(f"there is no {what}")
        return self._services()[name]

    def _bring(self, service: Service, many: int) -> None:
        image, there = self._images.get(service.image), self._shelf.of(service.name)
        self._shelf.end(there[many:])
        for container in there[many:]:
            self._shelf.remove(container)
        for number in range(len(there) + 1, many + 1):
            self._shelf.made(service, image, (), number=number).start()
        for container in self._shelf.of(service.name):
            container.await_health()


def _read(words: list[str]) -> Namespace:
    whole = Parser(prog="kubectl", allow_abbrev=False)
    commands = whole.add_subparsers(dest="command", required=True, parser_class=Parser)
    create = commands.add_parser("create", allow_abbrev=False)
    create.add_argument("kind", choices=["secret"])
    create.add_argument("sort", choices=["generic"])
    create.add_argument("name")
    create.add_argument("--from-env-file", type=Path, required=True)
    commands.add_parser("apply", allow_abbrev=False).add_argument("--kustomize", type=Path, required=True)
    scale = commands.add_parser("scale", allow_abbrev=False)
    scale.add_argument("what")
    scale.add_argument("--replicas", type=int, required=True)
    within = commands.add_parser("exec", allow_abbrev=False)
    within.add_argument("what")
    within.add_argument("words", nargs=argparse.REMAINDER)
    told = whole.parse_args(words)
    if told.command == "exec" and "--" not in words:
        raise Refusal("what is to be run stands behind --")
    return told


def _run(state: Path) -> int:
    told = _read(sys.argv[1:])
    kubectl = Kubectl(state, os.environ["ENGINE_NETWORK"])
    commands: Mapping[str, Callable[[Namespace], int]] = {
        "create": kubectl.create,
        "apply": kubectl.apply,
        "scale": kubectl.scale,
        "exec": kubectl.exec,
    }
    return commands[told.command](told)


if __name__ == "__main__":
    sys.exit(noted("kubectl", _run))
