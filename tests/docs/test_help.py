"""Every program that a page or the Makefile names has help, and refuses what it does not know."""

import json
import re
import subprocess
import sys

import pytest

from tests.docs.pages import PAGES
from tests.processes import BIN, ROOT

OTHERS = {"pip", "pytest"}
TEXTS = "\n".join([*PAGES.values(), (ROOT / "Makefile").read_text("utf-8"), "python -m docker.local.embedded_redis"])
MODULES = sorted(set(re.findall(r"python -m ((?:\w+\.)*\w+)", TEXTS)) - OTHERS)
CELERY = [str(BIN / "celery"), "-A", "worker"]


#: A program as `python -m` and the installed `celery` start it, once for each word: most of the time it is imported.
ASK = """
import contextlib, io, json, runpy, sys
run, program, *words = json.loads(sys.argv[1])
answers = []
for word in words:
    sys.argv = [*program, word]
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            code = getattr(runpy, run)(program[0], run_name="__main__") and 0
        except SystemExit as ended:
            code = ended.code or 0
    answers.append([code, out.getvalue(), error.getvalue()])
print(json.dumps(answers))
"""


def _asked(run: str, program: list[str], *words: str) -> list[tuple[int, str, str]]:
    """For each word, with which code the program ends, and what it prints and complains of."""
    command = [sys.executable, "-c", ASK, json.dumps([run, program, *words])]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=80, check=True)
    return [(code, out, error) for code, out, error in json.loads(ended.stdout)]


def test_the_programs_are_found() -> None:
    assert {"app", "simulator", "worker.admin", "worker.health", "docker.local", "tests.smoke"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_program_has_help_and_does_nothing_when_it_is_asked_for_what_it_does_not_know(module: str) -> None:
    helped, refused = _asked("run_module", [module], "--help", "--nonsense")

    assert (helped[0], helped[1].partition(" ")[0]) == (0, "usage:")
    assert refused[:2] == (2, "")
    assert "error: " in refused[2]


@pytest.mark.parametrize("part", ["worker", "beat", "flower"])
def test_a_command_of_celery_too(part: str) -> None:
    helped, refused = _asked("run_path", [*CELERY, part], "--help", "--adress=127.0.0.1")

    assert (helped[0], helped[1].partition(" ")[0]) == (0, "Usage:")
    assert refused[0] == 2
    assert "--adress" in refused[2]


def test_flower_is_started_on_the_loopback_address_wherever_a_page_tells_how() -> None:
    told = re.findall(r"celery -A worker flower[^\n`]*", TEXTS)

    assert told
    assert all("--address=127.0.0.1" in command for command in told)
