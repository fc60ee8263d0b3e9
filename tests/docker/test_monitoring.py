"""docker/compose.monitoring.yaml: a Prometheus that scrapes every part there, and is allowed to."""

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


def test_it_has_a_key_for_what_asks_for_one_and_reads_the_alert_rules() -> None:
    mounted = dict(volume.split(":")[:2] for volume in PROMETHEUS["volumes"])
    [key] = PROMETHEUS["configs"]
    web = CONFIGURATION["scrape_configs"][0]

    assert web["authorization"] == {"credentials_file": key["target"]}
    assert CONFIGURATION["rule_files"] == [mounted["./prometheus/rules.yaml"]]
    assert PROMETHEUS["networks"] == ["outside"]
    assert all("outside" in SERVICES[name]["networks"] for name in ("web", "worker", "beat"))


def test_nobody_but_this_machine_reaches_it_and_it_has_no_privilege() -> None:
    assert all(port.startswith("127.0.0.1:") for port in PROMETHEUS["ports"])
    assert PROMETHEUS["cap_drop"] == ["ALL"]
    assert PROMETHEUS["read_only"] is True
