"""Schemathesis over the whole OpenAPI document of a running server, with every check that it has, and one of ours."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.hooks import KEYS_VARIABLE
from tests.fuzz.server import SECRET
from tests.processes import BIN, ROOT

_CONFIG: Final = Path(__file__).parent / "schemathesis.toml"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run found."""

    cases: int
    failures: int
    output: str


def run(url: str, examples: int, seed: int, *, keys: bool, seconds: float) -> Verdict:
    """`examples` requests for each operation and kind of data, besides those that Schemathesis always tries."""
    command = [str(BIN / "st"), "--config-file", str(_CONFIG), "run", f"{url}/api/docs/openapi.json"]
    options = ["--max-examples", str(examples), "--seed", str(seed), "--no-color"]
    key = ["--header", f"X-API-Key: {SECRET}"] if keys else []
    done = subprocess.run(
        [*command, *options, *key],
        cwd=ROOT,
        env={
            **os.environ,
            KEYS_VARIABLE: "1" if keys else "",
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "PYTHONPATH": ".",
        },
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    output = done.stdout + done.stderr
    return Verdict(_figure(r"(\d+) generated", output), _failures(output, done.returncode), output)


def _figure(pattern: str, output: str) -> int:
    found = re.search(pattern, output)
    return int(found[1]) if found else 0


def _failures(output: str, code: int) -> int:
    """A run that ends with another code than 0 has found something, even if it could not tell what."""
    return max(_figure(r"(\d+) unique failures?", output), int(code != 0))
