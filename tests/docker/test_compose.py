"""docker/compose.yaml is a valid compose file, passes every setting on, and gives nobody more than is needed."""

import re

import pytest
from jsonschema import Draft7Validator

from app.http.connections import NEW_SECONDS
from app.relay.loop import STOP_SECONDS
from app.server import SHUTDOWN_SECONDS
from app.settings import Settings
from schemas.errors import SettingsError
from tests.docker.files import DOCKER, compose, env_file, filled, pods, schema, settings_read_by, stages
from tests.processes import ROOT
from worker.settings import Settings as WorkerSettings

SERVICES = compose()["services"]
OFFLINE = env_file((DOCKER / "offline.env").read_text("utf-8"))


def _environment(service: str, variables: dict[str, str]) -> dict[str, str]:
    """What the service gets; the file of credentials exists in its containers only."""
    environment = SERVICES[service]["environment"]
    return {name: filled(environment[name], variables) for name in set(environment) - {"CELERY_BROKER_URL_FILE"}}


@pytest.mark.parametrize("file", ["compose.yaml", "compose.tls.yaml", "compose.proxy.yaml", "compose.monitoring.yaml"])
def test_it_keeps_to_the_compose_specification(file: str) -> None:
    faults = [error.message for error in Draft7Validator(schema("compose.schema.json")).iter_errors(compose(file))]

    assert faults == []


@pytest.mark.parametrize("file", sorted(path.name for path in DOCKER.glob("compose*.yaml")))
def test_no_config_or_secret_is_put_into_a_root_that_is_read_only_for_compose_refuses_that(file: str) -> None:
    """All but files of this machine it copies into the container (docker/compose, issue 12031)."""
    whole = compose(file)
    kept = {
        kind: [name for name, one in whole.get(kind, {}).items() if "file" not in one]
        for kind in ("configs", "secrets")
    }
    for name, service in whole["services"].items():
        for kind, names in kept.items():
            used = {one if isinstance(one, str) else one["source"] for one in service.get(kind, ())}
            assert not used.intersection(names), name


def test_every_setting_can_be_given_in_the_env_file() -> None:
    web = settings_read_by("app/settings.py", "runtime/*.py")
    worker = settings_read_by("worker/settings.py", "runtime/*.py") - {"METRICS_HOST", "METRICS_PORT"}

    assert set(SERVICES["web"]["environment"]) >= web
    assert set(SERVICES["worker"]["environment"]) >= worker
    assert set(SERVICES["web"]["environment"]) | set(SERVICES["worker"]["environment"]) <= web | worker


def test_offline_everything_is_simulated_and_stays_on_this_machine() -> None:
    web = Settings.read(_environment("web", OFFLINE))
    worker = WorkerSettings.read(_environment("worker", OFFLINE))
    ports = [filled(port, OFFLINE) for service in SERVICES.values() for port in service.get("ports", ())]

    assert SERVICES["simulator"]["profiles"] == [OFFLINE["COMPOSE_PROFILES"]]
    assert web.simulated
    assert web.twilio_configured
    assert worker.api_base_url == web_url(SERVICES["simulator"]["ports"][0], "simulator")
    assert web.public_base_url == web_url(SERVICES["web"]["ports"][0], "web")
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def web_url(port: str, host: str) -> str:
    return f"http://{host}:{port.rpartition(':')[2]}"


def test_the_env_file_of_the_docs_dials_for_real_and_asks_for_keys() -> None:
    example = (ROOT / "docs/deploying.md").read_text("utf-8").partition("```ini\n# .env\n")[2].partition("```")[0]
    settings = Settings.read(_environment("web", env_file(example)))

    assert settings.twilio_configured
    assert not settings.simulated
    assert {"API_KEYS", "TRUSTED_PROXIES"} <= set(env_file(example))
    assert settings.trusted_proxies


def test_without_keys_the_web_tier_does_not_start() -> None:
    with pytest.raises(SettingsError, match="API_KEYS"):
        Settings.read(_environment("web", {}))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_privilege_and_writes_only_where_it_must(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name == "credentials" else "unless-stopped")
    assert "privileged" not in service
    assert service.get("build", {}).get("target", "") in {*stages(), ""}


def test_behind_the_proxy_are_two_web_processes_that_stop_one_after_another() -> None:
    behind = compose("compose.proxy.yaml")["services"]

    assert behind["web"]["deploy"]["replicas"] == 2
    assert behind["caddy"]["cap_drop"] == ["ALL"]
    assert "name web\n" in (DOCKER / "Caddyfile").read_text("utf-8")


def test_the_proxy_notices_that_a_web_process_stops_before_that_refuses_connections() -> None:
    told = compose("compose.proxy.yaml")["services"]["web"]["environment"]["STOP_PAUSE_SECONDS"]
    (refresh,) = re.findall(r"refresh (\d+)s\n", (DOCKER / "Caddyfile").read_text("utf-8"))

    assert float(refresh) < float(filled(told, {}))


@pytest.mark.parametrize("kind", ["compose", "kubernetes"])
def test_no_web_process_is_killed_before_it_has_ended_by_itself_however_long_its_pause_is(kind: str) -> None:
    """Nor is a body that arrives meanwhile cut off: see tests/app/test_stopping.py."""
    (longest,) = re.findall(r'"STOP_PAUSE_SECONDS", .*most=(\d+)\)', (ROOT / "app/settings.py").read_text("utf-8"))
    pod = pods()["web"]
    before = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1]) if kind == "kubernetes" else 0
    given = {
        "compose": float(SERVICES["web"]["stop_grace_period"].removesuffix("s")),
        "kubernetes": pod["terminationGracePeriodSeconds"],
    }[kind]

    assert given > before + int(longest) + NEW_SECONDS + SHUTDOWN_SECONDS + STOP_SECONDS


@pytest.mark.parametrize("name", SERVICES)
def test_a_log_does_not_fill_the_disk(name: str) -> None:
    assert SERVICES[name]["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_workers_and_beats_can_be_many() -> None:
    for name in ("worker", "beat"):
        assert not {"container_name", "ports", "hostname"} & set(SERVICES[name])
    assert SERVICES["beat"]["deploy"]["replicas"] == 2


def test_redis_is_reached_by_the_service_alone_and_keeps_its_records() -> None:
    redis = SERVICES["redis"]

    assert "ports" not in redis
    assert redis["networks"] == ["store"]
    assert compose()["networks"]["store"] == {"internal": True}
    assert "./redis.conf:/etc/redis.conf:ro" in redis["volumes"]
    assert "records:/data" in redis["volumes"]
