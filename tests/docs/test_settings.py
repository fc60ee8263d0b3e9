"""docs/settings.md has a row for each variable that the code reads, and for no other."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from app.settings import Settings
from app.store.standing import own_settings
from runtime.standing.told import part_of
from tests.docs.pages import PAGES, section
from tests.processes import ROOT
from worker.settings import Settings as WorkerSettings

_ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| ([WCRS ]+) \| (.+?) \| .+ \|$", re.MULTILINE)
#: Name -> letters of those that read it.
TOLD = {
    name: set(letters.split())
    for names, letters, _ in _ROW.findall(PAGES["docs/settings.md"])
    for name in names.split(", ")
}
#: A default that is written where the variable is read; of a default that is worked out, nothing is told.
_DEFAULT = re.compile(r'environment\.\w+\("([A-Z_]+)", ("[^"]*"|[\d_.]+)[,)]')

_BOUNDS = re.compile(
    r'environment\.(?:number|whole)\(\s*"([A-Z_]+)", [^,]+?, (?:least=([\d_.]+), )?most=([\d_*]+)\s*\)'
)

#: What may differ between processes at no cost of calls or money: about one process alone, or what others reach it by.
OF_ONE_PROCESS = {
    "`APP_HOST`",
    "`APP_PORT`",
    "`CONSOLE`",
    "`STOP_PAUSE_SECONDS`",
    "`METRICS_HOST`",
    "`METRICS_PORT`",
    "`LOG_FORMAT`",
    "`LOG_LEVEL`",
    "`OTEL_EXPORTER_OTLP_ENDPOINT`",
    "`MAX_CONNECTIONS`",
    "`REQUESTS_PER_SECOND_PER_KEY`",
    "`TRUSTED_PROXIES`",
    "`ALLOW_ANONYMOUS`",
    "`ALLOWED_HOSTS`",
    "`CORS_ORIGINS`",
    "`ALLOW_UNSAFE_REDIS`",
    "`CELERY_RESULT_BACKEND`",
    # They stop the start.
    "`BROKER_URL`",
    "`RESULT_BACKEND`",
    # Ways to a Redis: of the broker a mark in it is told, and who has other records is not among these parts.
    "`CELERY_BROKER_URL_FILE`",
    "`REDIS_URL`",
    "`REDIS_SENTINEL_MASTER`",
    "`REDIS_SENTINEL_PASSWORD`",
}


class Environment(Mapping[str, str]):
    """An empty environment that remembers what was looked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(f"`{name}`")
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _told_of(letter: str) -> set[str]:
    return {name for name, letters in TOLD.items() if letter in letters}


@pytest.mark.parametrize(("letter", "read"), [("W", Settings.read), ("C", WorkerSettings.read)])
def test_exactly_what_a_tier_reads_is_told_to_be_read_by_it(
    letter: str, read: Callable[[Mapping[str, str]], object]
) -> None:
    environment = Environment()
    read(environment)

    assert len(environment.asked) > 15
    assert _told_of(letter) == environment.asked


def test_the_local_stack_and_the_simulator_look_at_what_is_told_and_nothing_else() -> None:
    local = _quoted("docker/local/*.py")

    assert _told_of("R") == local
    assert _told_of("S") == _quoted("simulator/*.py")


def _quoted(*patterns: str) -> set[str]:
    """Names of variables that these modules have in quotes."""
    code = "".join(path.read_text("utf-8") for pattern in patterns for path in ROOT.glob(pattern))
    return {f"`{name}`" for name in re.findall(r'"([A-Z]+_[A-Z_]+)"', code)}


def test_no_other_code_looks_into_the_environment() -> None:
    """But Prometheus's library, for which worker/application.py sets a variable of its own."""
    looked = re.compile(r"environ(?:\.get\(|\[)\s*\"([A-Z_]+)")
    for package in ("app", "worker", "schemas", "runtime"):
        code = "".join(path.read_text("utf-8") for path in (ROOT / package).rglob("*.py"))
        assert set(looked.findall(code)) <= {"PROMETHEUS_MULTIPROC_DIR"}


def test_a_default_is_the_one_in_the_code() -> None:
    code = "".join(
        path.read_text("utf-8") for package in ("app", "worker", "runtime") for path in (ROOT / package).rglob("*.py")
    )
    told = {name: default for name, default in _defaults() if default not in {"none", "any"}}
    written = {f"`{name}`": default.replace('"', "`").replace("_", "") for name, default in _DEFAULT.findall(code)}

    assert len(written) > 10
    for name, default in written.items():
        assert told.get(name) == (None if default in {"0", "``"} else default), name


def test_the_least_and_the_most_of_a_number_are_told() -> None:
    code = "".join(
        path.read_text("utf-8") for package in ("app", "worker", "runtime") for path in (ROOT / package).rglob("*.py")
    )
    bounds = _BOUNDS.findall(code)

    assert len(bounds) > 10
    for name, least, most in bounds:
        (row,) = re.findall(rf"^\|[^|]*`{name}`.*$", PAGES["docs/settings.md"], re.MULTILINE)
        told = f"{float(least or 1):,g} to {int(most.replace('_', '').replace('10**9', '1000000000')):,}"
        assert told in row, name


def _defaults() -> Iterator[tuple[str, str]]:
    for names, _, defaults in _ROW.findall(PAGES["docs/settings.md"]):
        each = names.split(", ")
        given = defaults.split(", ") if defaults.count(", ") else [defaults] * len(each)
        yield from zip(each, given, strict=False)


def test_every_name_that_a_compose_file_looks_for_is_told() -> None:
    looked = {
        name
        for file in (ROOT / "docker").glob("compose*.yaml")
        for name in re.findall(r"(?<!\$)\$\{([A-Z_]+)", file.read_text("utf-8"))
    }
    told = set(re.findall(r"`([A-Z_]+)`", "".join(re.findall(r"^\|[^|]*\|", PAGES["docs/settings.md"], re.MULTILINE))))

    assert len(looked) > 50
    assert looked <= told


def test_a_default_of_what_compose_files_alone_look_for_is_theirs() -> None:
    told = {
        name: row
        for row in section("docs/settings.md", "Of the compose files alone").splitlines()
        for name in re.findall(r"`([A-Z_]+)`", row.split(" | ")[0])
    }
    given = [
        (name, default)
        for file in (ROOT / "docker").glob("compose*.yaml")
        for name, default in re.findall(r"\$\{([A-Z_]+):-([^}]+)\}", file.read_text("utf-8"))
        if name in told
    ]

    assert len(given) > 8
    for name, default in given:
        assert re.search(rf"[` ]{re.escape(default)}[`, ]", told[name]), name


def test_a_setting_that_differs_between_parts_is_noticed_unless_it_may() -> None:
    """One that is missing belongs into runtime/standing/told.py, app/store/standing.py, or among the exceptions."""
    environment = Environment()
    settings = Settings.read(environment)
    WorkerSettings.read(environment)
    told = {f"`{name}`" for name in part_of("web", settings, 0, own_settings(settings), broker="x").settings}

    assert environment.asked - told == OF_ONE_PROCESS
