"""docker/kubernetes: valid manifests that name only what exists, and pods that may do only what they must."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
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
PART_OF = "celery-twilio-api"
INSIDE = ("10.1.2.3", "127.0.0.1", "169.254.169.254", "172.31.0.1", "192.168.0.1", "100.64.0.1", "::1", "fd00::1")


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

    assert used | {PODS["redis"]["containers"][0]["image"]} == {image["name"] for image in KUSTOMIZATION["images"]}
    assert all(image["newTag"] != "latest" for image in KUSTOMIZATION["images"])
    assert {image.removeprefix("celery-twilio-api-") for image in used} <= set(stages())


def test_pods_get_only_settings_that_the_code_reads() -> None:
    known = settings_read_by("app/settings.py", "worker/settings.py", "runtime/*.py")
    literals = {pair.partition("=")[0] for pair in KUSTOMIZATION["configMapGenerator"][0]["literals"]}
    given = {pair["name"] for pod in OURS.values() for container in pod["containers"] for pair in container["env"]}

    assert literals <= known
    assert "TRUSTED_PROXIES" in literals
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


def _selected(selector: dict[str, Any]) -> set[str]:
    """Names of the pods that a policy's selector means."""
    labels = dict(selector.get("matchLabels", {}))
    assert labels.pop("app.kubernetes.io/part-of") == PART_OF, "another's pods may have the same name"
    names = {labels.pop("app.kubernetes.io/name")} if labels else set(PODS)
    for expression in selector.get("matchExpressions", ()):
        assert (expression["key"], expression["operator"]) == ("app.kubernetes.io/name", "In")
        names &= set(expression["values"])
    return names


def _rules(direction: str, pod: str) -> list[dict[str, Any]]:
    """What the policies let into or out of a pod; none lets all."""
    about = [p["spec"] for p in _objects("NetworkPolicy").values() if pod in _selected(p["spec"]["podSelector"])]
    assert any(direction.title() in spec["policyTypes"] for spec in about), f"nothing limits {direction} of {pod}"
    return [rule for spec in about for rule in spec.get(direction, ())]


def test_the_policies_know_the_pods_by_a_label_that_they_have() -> None:
    [labels] = KUSTOMIZATION["labels"]

    assert labels == {"pairs": {"app.kubernetes.io/part-of": PART_OF}, "includeTemplates": True}


def test_redis_lets_in_the_parts_alone_and_reaches_nobody() -> None:
    [rule] = _rules("ingress", "redis")

    assert [_selected(peer["podSelector"]) for peer in rule["from"]] == [{"web", "worker", "beat"}]
    assert _rules("egress", "redis") == []


@pytest.mark.parametrize(("name", "ports"), [("web", None), ("worker", [443]), ("beat", [])])
def test_a_part_reaches_redis_names_and_of_the_rest_only_what_is_public(name: str, ports: list[int] | None) -> None:
    rules = _rules("egress", name)
    public = [rule for rule in rules if "ipBlock" in str(rule)]

    assert [_selected(rule["to"][0]["podSelector"]) for rule in rules if "podSelector" in str(rule)] == [{"redis"}]
    assert all({port["port"] for port in rule["ports"]} == {53} for rule in rules if "to" not in rule)
    assert [port["port"] for rule in public for port in rule.get("ports", ())] == (ports or [])
    assert bool(public) == (ports != [])
    for rule in public:
        blocks = [peer["ipBlock"] for peer in rule["to"]]
        left_out = [ip_network(network) for block in blocks for network in block["except"]]
        assert [block["cidr"] for block in blocks] == ["0.0.0.0/0", "::/0"]
        assert all(any(ip_address(inside) in network for network in left_out) for inside in INSIDE)


def test_with_the_component_for_tls_redis_speaks_tls_only_and_clients_check_its_certificate() -> None:
    arguments = PODS["redis"]["containers"][0]["args"]
    [redis] = _tls("redis.yaml")["spec"]["template"]["spec"]["containers"]
    options = dict(zip(redis["args"][len(arguments) :: 2], redis["args"][len(arguments) + 1 :: 2], strict=True))
    changes = {change["path"]: change["value"] for change in _tls("clients.yaml")}
    [url] = [value for value in changes.values() if "://" in str(value)]
    plain = OURS["web"]["containers"][0]["env"][1]

    assert redis["args"][: len(arguments)] == arguments
    assert (options["--port"], options["--tls-port"]) == ("0", "6379")
    assert url == f"{plain['value'].replace('redis:', 'rediss:', 1)}?ssl_ca_certs=/tls/ca.crt"
    for pod in OURS.values():
        [container] = pod["containers"]
        assert container["env"][1]["name"] == changes["/spec/template/spec/containers/0/env/1/name"] == plain["name"]


def _tls(file: str) -> Any:
    return yaml.safe_load((DOCKER / "kubernetes" / "tls" / file).read_text("utf-8"))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl builds what a kustomization says")
@pytest.mark.parametrize("components", ["[]", "[base/tls]"])
def test_kubectl_can_build_it(components: str, tmp_path: Path) -> None:
    shutil.copytree(DOCKER / "kubernetes", tmp_path / "base")
    (tmp_path / "kustomization.yaml").write_text(f"resources: [base]\ncomponents: {components}\n")
    command = ["kubectl", "kustomize", str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)

    assert built.returncode == 0, built.stderr
    objects = list(yaml.safe_load_all(built.stdout))
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in objects if "template" in one.get("spec", {})]
    assert len(labels) == len(PODS)
    assert {label["app.kubernetes.io/part-of"] for label in labels} == {PART_OF}
    assert ("rediss://" in built.stdout) == (components != "[]")
