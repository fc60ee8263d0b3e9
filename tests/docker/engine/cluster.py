"""What a kustomization says, as services: a pod's one container, with what it is given of ConfigMaps and Secrets."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.docker.engine.project import Service
from tests.docker.engine.refusal import Refusal

_KNOWN: Final = {"apiVersion", "kind", "labels", "resources", "configMapGenerator", "images"}
#: Of a container; what is only told stands in the manifests for the cluster.
_HEEDED: Final = {
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "name",
    "readinessProbe",
    "startupProbe",
    "volumeMounts",
}
_ONLY_TOLD: Final = {"lifecycle", "livenessProbe", "ports", "resources", "securityContext"}
_VARIABLE: Final = re.compile(r"\$\(([A-Z_]+)\)")
_IMAGE_PORT: Final = 8001
_TMP: Final = "/tmp"  # noqa: S108 - the container's

Objects = Mapping[str, dict[str, Any]]


class Cluster:
    """The objects of a kustomization, by kind and name, besides Secrets that were made before."""

    def __init__(self, folder: Path, secrets: Mapping[str, Mapping[str, str]], volume: Callable[[str], Path]) -> None:
        told = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
        if unknown := set(told) - _KNOWN:
            raise Refusal(f"This engine does not know what {', '.join(sorted(unknown))} of {folder} is")
        files = [folder / name for name in told["resources"]]
        self._objects = [one for file in files for one in yaml.safe_load_all(file.read_text("utf-8"))]
        self._tags = {one["name"]: f"{one['name']}:{one['newTag']}" for one in told["images"]}
        self._maps = {one["name"]: _literals(one["literals"]) for one in told["configMapGenerator"]}
        self._maps |= {one["metadata"]["name"]: one["data"] for one in self._objects if one["kind"] == "ConfigMap"}
        self._secrets = secrets
        self._volume = volume

    def services(self) -> Iterator[Service]:
        """Redis first: the others wait for it, and would as well if it came last."""
        pods = [one for one in self._objects if one["kind"] in {"Deployment", "StatefulSet"}]
        return (self._service(one) for one in sorted(pods, key=lambda one: one["kind"], reverse=True))

    def _service(self, told: Mapping[str, Any]) -> Service:
        name, spec = told["metadata"]["name"], told["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        if unknown := set(container) - _HEEDED - _ONLY_TOLD:
            raise Refusal(f"This engine does not know what {', '.join(sorted(unknown))} of {name} is")
        env = self._environment(container)
        words = [*container.get("command", ()), *container.get("args", ())]
        return Service(
            name,
            self._tags[container["image"]],
            "",
            [_expanded(word, env) for word in words],
            env,
            list(self._volumes(name, spec, container)),
            (),
            _check(container.get("readinessProbe") or container["startupProbe"]),
            int(told["spec"].get("replicas", 1)),
            float(spec["terminationGracePeriodSeconds"]),
        )

    def _environment(self, container: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for source in container.get("envFrom", ()):
            found |= self._maps[source["configMapRef"]["name"]]
        for pair in container["env"]:
            if "value" in pair:
                found[pair["name"]] = _expanded(pair["value"], found)
                continue
            wanted = pair["valueFrom"]["secretKeyRef"]
            if wanted["key"] not in self._secrets.get(wanted["name"], {}):
                raise Refusal(f"there is no key {wanted['key']} in a Secret {wanted['name']}")
            found[pair["name"]] = self._secrets[wanted["name"]][wanted["key"]]
        return found

    def _volumes(
        self, name: str, spec: Mapping[str, Any], container: Mapping[str, Any]
    ) -> Iterator[tuple[str, str, bool]]:
        kinds = {one["name"]: one for one in spec.get("volumes", ())}
        for mount in container["volumeMounts"]:
            kind, path = kinds.get(mount["name"], {}), mount["mountPath"]
            if "emptyDir" in kind and path == _TMP:
                continue
            folder = self._volume(f"{name}-{mount['name']}")
            for file, text in self._maps[kind["configMap"]["name"]].items() if "configMap" in kind else ():
                (folder / file).write_text(text, "utf-8")
            yield str(folder), path, bool(mount.get("readOnly"))


def _literals(pairs: list[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in pairs)


def _expanded(text: str, env: Mapping[str, str]) -> str:
    """As Kubernetes does with `$(NAME)`."""
    return _VARIABLE.sub(lambda found: env[found[1]], text)


def _check(probe: Mapping[str, Any]) -> list[str]:
    if "exec" in probe:
        return ["CMD", *probe["exec"]["command"]]
    return ["CMD", "python", "probe.py", f"http://127.0.0.1:{_IMAGE_PORT}{probe['httpGet']['path']}"]
