"""docker/compose.monitoring.yaml: a Prometheus that scrapes every part there, and is allowed to."""

import subprocess
from pathlib import Path

import yaml

from tests.docker.files import DOCKER, compose, stages

SERVICES = compose()["services"]
PROMETHEUS = compose("compose.monitoring.yaml")["services"]["prometheus"]
CONFIGURATION = yaml.safe_load((DOCKER / "prometheus" / "prometheus.yaml").read_text("utf-8"))
#: They have no metrics of their own: Redis's come with the web tier's; Flower is for people.
WITHOUT = {"credentials", "redis", "flower", "simulator"}


def test_every_part_is_scraped_each_of_its_processes_at_the_port_where_its_metrics_are() -> None:
    ports = {}
    for job in CONFIGURATION["scrape_configs"]:
        [found] = job["dns_sd_configs"]
        [service] = found["names"]
        assert (job["job_name"], found["type"]) == (service, "A")
        ports[service] = found["port"]

    assert set(ports) == set(SERVICES) - WITHOUT
    assert str(ports["web"]) == SERVICES["web"]["environment"]["APP_PORT"]
    assert f"METRICS_PORT={ports['worker']}\n" in f"{stages()['worker']}\n"
    assert ports["beat"] == ports["worker"]
    assert SERVICES["beat"]["image"] == SERVICES["worker"]["image"]


def test_it_starts_with_a_file_that_holds_its_key(tmp_path: Path) -> None:
    """Which it writes where it may: compose puts none into a service that is read only but one that is a file here."""
    file = Path(CONFIGURATION["scrape_configs"][0]["authorization"]["credentials_file"])
    told = tmp_path / "told"
    (tmp_path / "prometheus").write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {told}\n')
    (tmp_path / "prometheus").chmod(0o700)
    words = [word.replace("$$", "$") for word in PROMETHEUS["entrypoint"] + PROMETHEUS["command"]]
    here = [word.replace(str(file), str(tmp_path / "key")) for word in words]
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "METRICS_KEY": 'se"cr$t'}
    subprocess.run(here, env=environment, check=True)

    assert str(file.parent) in PROMETHEUS["tmpfs"]
    assert PROMETHEUS["environment"].keys() == {"METRICS_KEY"}
    assert (tmp_path / "key").read_text() == 'se"cr$t'
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert told.read_text() == "".join(f"{word}|" for word in PROMETHEUS["command"])


def test_it_reads_the_alert_rules_and_reaches_every_part() -> None:
    mounted = dict(volume.split(":")[:2] for volume in PROMETHEUS["volumes"])

    assert CONFIGURATION["rule_files"] == [mounted["./prometheus/rules.yaml"]]
    assert PROMETHEUS["networks"] == ["outside"]
    assert all("outside" in SERVICES[name]["networks"] for name in ("web", "worker", "beat"))


def test_nobody_but_this_machine_reaches_it_and_it_has_no_privilege() -> None:
    assert all(port.startswith("127.0.0.1:") for port in PROMETHEUS["ports"])
    assert PROMETHEUS["cap_drop"] == ["ALL"]
    assert PROMETHEUS["read_only"] is True
