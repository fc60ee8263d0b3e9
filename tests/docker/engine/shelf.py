"""Where containers, their volumes and their addresses are kept between two commands."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.docker.engine.container import Container
from tests.docker.engine.image import Image
from tests.docker.engine.project import Service
from tests.docker.engine.refusal import Refusal

#: Last numbers of the addresses of a service's containers.
_MOST: Final = 20
#: Of a container for one command.
_ONCE: Final = 19


class Shelf:
    """A folder; its network is a part of the loopback one."""

    def __init__(self, folder: Path, network: str) -> None:
        self.folder = folder
        self._network = network
        for name in ("containers", "volumes", "logs"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def of(self, service: str, *, also_ended: bool = False) -> list[Container]:
        """Those of a service that run, first first."""
        folders = self.folder.joinpath("containers").glob("*")
        all_of_them = (Container.read(folder) for folder in folders)
        found = [one for one in all_of_them if one.service.name == service and (also_ended or one.runs)]
        return sorted(found, key=lambda one: int(one.folder.name.rpartition("-")[2]))

    def all(self) -> list[Container]:
        return [Container.read(folder) for folder in self.folder.joinpath("containers").glob("*")]

    def volume(self, name: str) -> Path:
        path = self.folder / "volumes" / name
        path.mkdir(exist_ok=True)
        return path

    def made(
        self,
        service: Service,
        image: Image,
        binds: Sequence[tuple[str, str, bool]],
        *,
        number: int = _ONCE,
        once: bool = False,
    ) -> Container:
        """A new container, which does not run yet."""
        if number >= _MOST:
            raise Refusal(f"This engine has no room for {number} of {service.name}")
        service = replace(service, volumes=[*service.volumes, *binds])
        name = f"{service.name}-run-{number}" if once else f"{service.name}-{number}"
        address, hosts = self._address(service.name, number), self._hosts()
        return Container(self.folder / "containers" / name, service, image, address, hosts).make()

    def end(self, containers: Sequence[Container]) -> None:
        for container in containers:
            container.ask_to_end()
        for container in containers:
            container.end()

    def remove(self, container: Container) -> None:
        container.remove(self.folder / "logs")

    def _address(self, service: str, number: int) -> str:
        return f"{self._network}.{self._places()[service] * _MOST + number}"

    def _hosts(self) -> dict[str, str]:
        """Names of services -> addresses of their first containers."""
        return {service: self._address(service, 1) for service in self._places()}

    def _places(self) -> dict[str, int]:
        return dict(json.loads((self.folder / "places.json").read_text()))

    def know(self, services: Sequence[str]) -> None:
        """Each service keeps the addresses that it got first."""
        file = self.folder / "places.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        for service in services:
            known.setdefault(service, len(known))
        file.write_text(json.dumps(known))
