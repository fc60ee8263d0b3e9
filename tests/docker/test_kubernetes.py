"""docker/kubernetes: valid manifests that name only what exists, and pods that may do only what they must."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from app.application import create_app
from app.settings import Settings
from tests.docker.files import DOCKER, manifests, pods, schema, settings_read_by, stages

PODS = pods()
OURS = {name: pod for name, pod in PODS.items() if name != "redis"}
KUSTOMIZATION = yaml.safe_load((DOCKER / "kubernetes" / "kustomization.yaml").read_text("utf-8"))
SCHEMA = schema("kubernetes.schema.json")


def _objects(kind: str) -> dict[str, dict[str, Any]]:
    return {m["metadata"]["name"]: m for m in manifests() if m["kind"] == kind}


def _probes() -> Iterator[dict[str, Any]]:
    for pod in OURS.values():
        for container in pod["containers"]:
            yield from (container[name] for name in container if name.endswith("Probe"))


@pytest.mark.parametrize("manifest", list(manifests()), ids=lambda m: f"{m['kind']}/{m['metadata']['name']}")
def test_a_manifest_keeps_to_the_schema_of_its_kind(manifest: dict[str, Any]) -> None:
    kind = next(name for name in SCHEMA["$defs"] if name.endswith(f".{manifest['kind']}"))
    validator = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]})

    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(manifest)] == []


@pytest.mark.parametrize("name", PODS)
def test_a_pod_is_not_root_and_cannot_become_it(name: str) -> None:
    pod = PODS[name]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] > 10
    for container in pod["containers"]:
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert {"startupProbe", "livenessProbe"} <= set(container)


def test_probes_ask_for_what_exists() -> None:
    app = create_app(Settings.read({}))
    paths = {route.resource.canonical for route in app.router.routes() if route.resource}
    asked = {probe["httpGet"]["path"] for probe in _probes() if "httpGet" in probe}
    run = {tuple(probe["exec"]["command"]) for probe in _probes() if "exec" in probe}

    assert asked == {"/livez", "/readyz"}
    assert asked <= paths
    assert run == {("python", "-m", "worker.health", part) for part in ("worker", "beat")}
    assert importlib.util.find_spec("worker.health") is not None


def test_images_are_targets_of_the_dockerfile_and_have_a_version() -> None:
    used = {container["image"] for pod in OURS.values() for container in pod["containers"]}

    assert used == {image["name"] for image in KUSTOMIZATION["images"]}
    assert all(image["newTag"] != "latest" for image in KUSTOMIZATION["images"])
    assert {image.removeprefix("celery-twilio-api-") for image in used} <= set(stages())


def test_pods_get_only_settings_that_the_code_reads() -> None:
    known = settings_read_by("app/settings.py", "worker/settings.py", "schemas/*.py")
    literals = {pair.partition("=")[0] for pair in KUSTOMIZATION["configMapGenerator"][0]["literals"]}
    given = {pair["name"] for pod in OURS.values() for container in pod["containers"] for pair in container["env"]}

    assert literals <= known
    assert given - {"REDIS_PASSWORD"} <= known


def test_secrets_are_taken_by_reference_and_only_the_example_is_here() -> None:
    example = _objects("Secret")["credentials"]["stringData"]
    pairs = [pair for pod in PODS.values() for container in pod["containers"] for pair in container["env"]]
    references = [pair["valueFrom"]["secretKeyRef"] for pair in pairs if "valueFrom" in pair]

    assert "secret.example.yaml" not in KUSTOMIZATION["resources"]
    assert {ref["name"] for ref in references} == {"credentials"}
    assert {ref["key"] for ref in references} == set(example)
    assert not {"API_KEYS", "TWILIO_AUTH_TOKEN"} & {pair["name"] for pair in pairs if "value" in pair}


def test_budgets_and_the_autoscaler_are_about_pods_that_exist() -> None:
    budgets = _objects("PodDisruptionBudget")
    scaled = _objects("HorizontalPodAutoscaler")["worker"]["spec"]

    assert set(budgets) == set(PODS)
    for name, budget in budgets.items():
        assert budget["spec"]["selector"]["matchLabels"] == {"app.kubernetes.io/name": name}
    assert scaled["scaleTargetRef"]["name"] in PODS
    assert scaled["metrics"][0]["external"]["metric"]["name"] == "calls_waiting_due"
    assert "replicas" not in _objects("Deployment")["worker"]["spec"]


def test_redis_has_the_same_configuration_as_everywhere() -> None:
    assert _objects("ConfigMap")["redis"]["data"]["redis.conf"] == (DOCKER / "redis.conf").read_text("utf-8")
