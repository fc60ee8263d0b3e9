"""`docker compose`: what its commands do to the containers of a project."""

import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.docker.engine.image import Images
from tests.docker.engine.project import Project, Service
from tests.docker.engine.refusal import Refusal
from tests.docker.engine.shelf import Shelf


class Compose:
    """A project on this machine."""

    def __init__(self, project: Project, images: Images, shelf: Shelf) -> None:
        self._project = project
        self._images = images
        self._shelf = shelf

    def build(self, told: Namespace) -> int:
        """The images of these services, or of all."""
        context, dockerfile = self._project.folder.parent, self._project.folder / "Dockerfile"
        for service in self._named(told.services):
            if service.target:
                self._images.build(service.image, service.target, context, dockerfile)
        return 0

    def up(self, told: Namespace) -> int:
        """Starts what does not run, and exchanges what changed; without --detach it goes on until it is interrupted."""
        many = dict(one.split("=") for one in told.scale)
        wanted = self._wanted(told.services, alone=told.no_deps)
        if told.build:
            self.build(Namespace(services=[service.name for service in wanted]))
        for service in wanted:
            if service.target and not self._images.has(service.image):
                if told.no_build:
                    raise Refusal(f"no image {service.image}")
                self.build(Namespace(services=[service.name]))
            self._bring(service, int(many.get(service.name, service.replicas)))
        for service in wanted if told.wait else ():
            self._await_health(service)
        if not (told.detach or told.wait):
            _until_interrupted()
            self.stop()
        return 0

    def exec(self, told: Namespace) -> int:
        """Runs a command in the first container of a service."""
        running = self._shelf.of(told.service)
        if not running:
            raise Refusal(f"service {told.service} is not running")
        return running[0].run(told.words)

    def run(self, told: Namespace) -> int:
        """Runs a container for one command."""
        service = self._project.service(told.service)
        image = self._images.get(service.image)
        if told.entrypoint:
            image = replace(image, entrypoint=(told.entrypoint,), command=())
        binds = [self._bind(one) for one in told.volume]
        service = replace(service, command=told.words or (() if told.entrypoint else service.command), ports=())
        container = self._shelf.made(self._placed(service), image, binds, once=True)
        try:
            return container.run()
        finally:
            self._shelf.remove(container)

    def ps(self, told: Namespace) -> int:
        """Numbers of the containers that run."""
        for service in told.services:
            self._project.service(service)
        for container in (one for service in told.services for one in self._shelf.of(service)):
            print(container.pid)
        return 0

    def restart(self, told: Namespace) -> int:
        """Stops and starts the containers that there are, as they were made: with the settings of then."""
        for service in self._named(told.services):
            there = self._shelf.of(service.name)
            self._shelf.end(there)
            for container in there:
                container.start()
        return 0

    def stop(self, told: Namespace | None = None) -> int:
        """Those of these services, or all: who needs others ends before them."""
        names = [service.name for service in self._named(told.services if told else ())]
        needed = {name for service in self._project.services.values() for name in service.needs}
        for last in (False, True):
            self._shelf.end([one for name in names if (name in needed) is last for one in self._shelf.of(name)])
        return 0

    def _named(self, names: Sequence[str]) -> list[Service]:
        return [self._project.service(name) for name in names or self._project.services]

    def _wanted(self, names: Sequence[str], *, alone: bool) -> list[Service]:
        """With whom they need, who comes before them."""
        wanted = {service.name for service in self._named(names)}
        found = [service for service in self._project.services.values() if service.name in wanted]
        needed = {name for service in found for name in service.needs} - wanted
        return self._wanted([*wanted, *needed], alone=alone) if needed and not alone else found

    def _bring(self, service: Service, many: int) -> None:
        image, placed = self._images.get(service.image), self._placed(service)
        there = {one.folder.name: one for one in self._shelf.of(service.name, also_ended=True)}
        kept = [f"{service.name}-{number + 1}" for number in range(many)]
        fit = [name for name in kept if name in there and there[name].as_before(placed, image) and there[name].runs]
        left = [container for name, container in there.items() if name not in fit]
        self._shelf.end(left)
        for container in left:
            self._shelf.remove(container)
        for needed, condition in service.needs.items():
            self._await(needed, condition)
        for number, name in enumerate(kept, 1):
            if name not in fit:
                container = self._shelf.made(placed, image, (), number=number)
                ends = service.name in self._that_must_end()
                if ends and container.run() != 0:
                    raise Refusal(f"service {service.name} did not complete successfully")
                if not ends:
                    container.start()

    def _that_must_end(self) -> set[str]:
        needs = (service.needs.items() for service in self._project.services.values())
        return {name for items in needs for name, condition in items if condition == "service_completed_successfully"}

    def _await(self, name: str, condition: str) -> None:
        if condition == "service_healthy":
            self._await_health(self._project.service(name))
        elif condition != "service_completed_successfully":  # which was seen to when it was brought
            raise Refusal(f"This engine does not wait for {condition}")

    def _await_health(self, service: Service) -> None:
        for container in self._shelf.of(service.name):
            container.await_health()

    def _placed(self, service: Service) -> Service:
        """With what it reads and writes as folders and files of this machine."""
        named, shelf = self._project.volumes, self._shelf
        volumes = [
            (str(shelf.volume(source) if source in named else self._path(source)), path, read_only)
            for source, path, read_only in service.volumes
        ]
        return replace(service, volumes=volumes)

    def _path(self, source: str) -> Path:
        path = (self._project.folder / source).resolve()
        if not path.exists():
            raise Refusal(f"there is no {path}")
        return path

    def _bind(self, told: str) -> tuple[str, str, bool]:
        source, path, *rest = told.split(":")
        if not source.startswith("/"):
            raise Refusal(f"This engine mounts no {source}")
        return str(self._path(source)), path, rest == ["ro"]


def _until_interrupted() -> None:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    print("Attached; Ctrl-C ends all.", flush=True)
    while not over.wait(0.2):
        sys.stdout.flush()
