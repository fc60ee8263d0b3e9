"""The Dockerfile says what the program can do. That the images work is tried by `make images`, which takes buildah."""

import configparser
import importlib.util
import json
import re

import pytest

from tests.docker.files import DOCKER, compose, stages
from tests.processes import ROOT

TARGETS = ("web", "worker", "flower", "simulator")


def test_every_image_takes_only_its_own_extra() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"]
    for target, extra in zip(TARGETS, ("app", "worker", "flower", "simulator"), strict=True):
        taken = re.findall(r"docker/locked\.py (.+?) > part\.txt", stages()[f"{target}-libraries"])

        assert [words.removesuffix(" $TRACING") for words in taken] == [extra]
        assert extra in extras
        assert f"COPY --from={target}-libraries /venv /venv" in stages()[target]


def _copied(target: str) -> set[str]:
    """What of our code the image has."""
    found = re.findall(r"^COPY --from=code /srv/(\S+) /srv/(\S+)$", stages()[target], re.MULTILINE)
    assert all(source == place for source, place in found)
    return {source for source, _ in found}


def test_images_run_without_root_and_stop_on_sigterm() -> None:
    runtime = stages()["runtime"]

    assert re.search(r"^USER ([1-9]\d+):\d+$", runtime, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in runtime
    assert all("USER" not in stages()[target] for target in TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_starts_its_process_without_a_shell_and_has_what_it_starts(target: str) -> None:
    commands = re.findall(r"^(?:ENTRYPOINT|CMD|HEALTHCHECK .*?CMD) (.+)$", stages()[target], re.MULTILINE)
    named = set(re.findall(r'"-[mA]", "([\w.]+)"', "".join(commands)))
    assert isinstance(json.loads(re.findall(r"^ENTRYPOINT (.+)$", stages()[target], re.MULTILINE)[0]), list)

    assert "HEALTHCHECK" in stages()[target]
    assert named
    for module in named:
        assert importlib.util.find_spec(module) is not None
        assert module.partition(".")[0] in _copied(target)
    assert ("probe.py" in _copied(target)) == any("probe.py" in command for command in commands)


def test_each_image_of_others_is_of_one_minor_release_and_can_be_given_by_its_digest() -> None:
    (base,) = re.findall(r"^ARG BASE=(\S+)$", (DOCKER / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    services = [one for file in DOCKER.glob("compose*.yaml") for one in compose(file.name)["services"].values()]
    named = {one["image"] for one in services if "image" in one and "build" not in one}
    given = [re.fullmatch(r"\$\{[A-Z]+_IMAGE:-(\S+)\}", image) for image in named]

    assert len(given) == 3
    assert all(given), named
    for image in (base, *(one[1] for one in given if one)):
        assert re.fullmatch(r"docker\.io/[\w./-]+:v?\d+\.\d+[\w.-]*", image), image
    assert "BASE: ${BASE:-" in (DOCKER / "compose.yaml").read_text("utf-8")


def test_nothing_but_what_the_images_copy_goes_to_the_builder() -> None:
    rules = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source
        for body in stages().values()
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", body, re.MULTILINE)
        for source in sources.split()
    }

    assert "*" in rules
    assert allowed == copied


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_has_every_package_of_ours_that_its_code_imports(target: str) -> None:
    copied = _copied(target)
    code = "".join(path.read_text("utf-8") for package in copied for path in (ROOT / package).rglob("*.py"))
    imported = set(re.findall(r"^(?:from|import) (app|worker|schemas|runtime|simulator)\b", code, re.MULTILINE))

    assert imported <= copied
