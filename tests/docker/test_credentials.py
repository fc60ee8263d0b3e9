"""docker/credentials.sh: the compose file's Redis has a password from its first start on."""

import os
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from docker.local.embedded_redis import find_server
from runtime.environment import Environment
from runtime.settings import read_shared
from schemas.errors import SettingsError
from tests.docker.files import DOCKER, compose
from tests.ports import reserve_port
from tests.processes import Process

FILES = {"password", "redis.conf", "url", "options"}
TLS = compose("compose.tls.yaml")["services"]
SERVICES = compose()["services"]


def _make(folder: Path, **settings: str) -> dict[str, str]:
    """What the script leaves in the folder: name -> text."""
    folder.mkdir(exist_ok=True)
    command = ["sh", str(DOCKER / "credentials.sh"), str(folder), str(DOCKER / "redis.conf")]
    subprocess.run(command, env={"PATH": os.environ["PATH"], **settings}, check=True, timeout=20)
    return {path.name: path.read_text() for path in folder.iterdir()}


def _settings(**variables: str) -> dict[str, object]:
    environment = Environment(variables)
    settings = read_shared(environment)
    environment.check()
    return settings


def test_the_first_start_makes_a_password_that_later_ones_keep(tmp_path: Path) -> None:
    first, other = _make(tmp_path / "one"), _make(tmp_path / "other")

    assert set(first) == FILES
    assert len(first["password"]) >= 32
    assert first["password"] != other["password"]
    assert _make(tmp_path / "one") == first


def test_only_its_user_and_the_group_of_the_clients_can_read_it(tmp_path: Path) -> None:
    _make(tmp_path / "one")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "one").iterdir()}
    made = SERVICES["credentials"]["user"].split(":")
    clients = "10001:10001"  # docker/Dockerfile

    assert modes == {0o640}
    assert made == [SERVICES["redis"]["user"].partition(":")[0], clients.partition(":")[2]]
    assert f"USER {clients}\n" in (DOCKER / "Dockerfile").read_text("utf-8")


def test_redis_then_asks_for_what_the_parts_read_from_their_file(tmp_path: Path) -> None:
    made, port, server = _make(tmp_path / "one"), reserve_port(), find_server()
    (tmp_path / "data").mkdir()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path / "data")]
    redis = Process("redis", [str(server), str(tmp_path / "one/redis.conf"), *options], tmp_path, {})
    redis.wait_for_answer(lambda: "Ready to accept" in redis.output)
    url = urlsplit(str(_settings(CELERY_BROKER_URL_FILE=str(tmp_path / "one/url"))["redis_url"]))
    try:
        with Redis(port=port) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
        with Redis(port=port, password=url.password) as client:
            assert client.config_get("appendfsync") == {"appendfsync": "always"}
    finally:
        redis.stop()
    assert (url.hostname, url.port) == ("redis", 6379)
    assert url.password == made["password"]


def test_a_broker_that_is_named_wins_over_the_file_and_a_missing_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://:sesame@redis:6379/0\n")
    named = _settings(CELERY_BROKER_URL="redis://elsewhere:6379/0", CELERY_BROKER_URL_FILE=str(tmp_path / "url"))

    assert named["redis_url"] == "redis://elsewhere:6379/0"
    with pytest.raises(SettingsError, match="CELERY_BROKER_URL_FILE must be the path of a file that can be read"):
        _settings(CELERY_BROKER_URL_FILE=str(tmp_path / "none"))


def test_a_file_may_begin_with_a_byte_order_mark_and_end_as_lines_of_windows_do(tmp_path: Path) -> None:
    (tmp_path / "url").write_bytes(b"\xef\xbb\xbfredis://redis:6379/3\r\n")

    assert _settings(CELERY_BROKER_URL_FILE=str(tmp_path / "url"))["redis_url"] == "redis://redis:6379/3"


@pytest.mark.parametrize("content", ["", " \n", "http://redis:6379", "redis://redis:6379/zero"])
def test_a_file_without_a_redis_is_told_by_the_name_of_its_variable(tmp_path: Path, content: str) -> None:
    """As of a Secret that is not filled in yet: without a word, the default would be used."""
    (tmp_path / "url").write_text(content)
    with pytest.raises(SettingsError, match="CELERY_BROKER_URL_FILE must be ") as refused:
        _settings(CELERY_BROKER_URL_FILE=str(tmp_path / "url"))
    assert "redis:6379" not in str(refused.value)


def test_every_service_reads_what_was_made_and_none_but_the_first_can_change_it() -> None:
    for name in ("redis", "web", "worker", "beat", "flower"):
        assert "credentials:/credentials:ro" in SERVICES[name]["volumes"]
    for name in ("web", "worker", "beat", "flower"):
        assert SERVICES[name]["environment"]["CELERY_BROKER_URL_FILE"] == "/credentials/url"
        assert "credentials" not in SERVICES[name]["depends_on"]  # redis waits for it, and they for redis
    assert SERVICES["redis"]["depends_on"] == {"credentials": {"condition": "service_completed_successfully"}}
    assert "/credentials/redis.conf" in SERVICES["redis"]["command"]
    assert "/credentials/password" in SERVICES["redis"]["healthcheck"]["test"][1]
    assert SERVICES["credentials"]["network_mode"] == "none"


def test_with_tls_nothing_is_spoken_in_the_clear_and_every_client_checks(tmp_path: Path) -> None:
    plain = _make(tmp_path / "one")
    made = _make(tmp_path / "one", REDIS_TLS="1")
    config = dict(line.split(" ", 1) for line in made["redis.conf"].splitlines())
    mounted = TLS["redis"]["volumes"][0].rpartition("}")[2].split(":")[1]
    url = _settings(CELERY_BROKER_URL_FILE=str(tmp_path / "one/url"))["redis_url"]

    assert made["password"] == plain["password"]
    assert (config["port"], config["tls-port"]) == ("0", "6379")
    assert {config[f"tls-{kind}-file"] for kind in ("cert", "key", "ca-cert")} == {
        f"{mounted}/{name}" for name in ("redis.crt", "redis.key", "ca.crt")
    }
    assert url == f"rediss://:{made['password']}@redis:6379/0?ssl_ca_certs=/tls/ca.crt&ssl_cert_reqs=required"
    assert TLS["credentials"] == {"environment": {"REDIS_TLS": "1"}}
    for name in ("web", "worker", "beat", "flower"):
        assert TLS[name]["volumes"][0].endswith("/ca.crt:/tls/ca.crt:ro")
