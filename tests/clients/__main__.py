"""What npm's tools say of openapi.yaml: `make clients`. A linter finds nothing, and types made of it fit a program."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.docs.programs import programs
from tests.processes import BIN, ROOT

_FOLDER: Final = BIN.parent / "clients"
_DOCUMENT: Final = ROOT / "openapi.yaml"
_PINNED: Final = ("package.json", "package-lock.json")
_STRICT: Final = ["--strict", "--noEmit", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler"]


def main() -> int:
    """Returns 1 if anything was found."""
    argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__).parse_args()
    if shutil.which("npm") is None:
        sys.exit("npm is needed, and not on the PATH (on Debian and Ubuntu: apt install npm).")
    _FOLDER.mkdir(exist_ok=True)
    for name in _PINNED:
        shutil.copy(Path(__file__).parent / name, _FOLDER / name)
    _run("npm", "ci", "--no-fund", "--no-audit", "--silent")
    found = _lint()
    types = _FOLDER / "phone-calls.d.ts"
    _run(_tool("openapi-typescript"), str(_DOCUMENT), "--default-non-nullable=false", "--output", str(types))
    program = _FOLDER / "generated.ts"
    program.write_text(programs()[program.name], "utf-8")
    _run(_tool("tsc"), *_STRICT, "--lib", "es2022,dom", str(program))
    print(f"{found} findings of the linter; {program.name} fits the types")
    return int(found > 0)


def _lint() -> int:
    """How many rules, of those that are recommended, are broken, warnings too."""
    command = [_tool("redocly"), "lint", "--extends=recommended", "--format=json", str(_DOCUMENT)]
    told = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, check=False).stdout
    found = json.loads(told[told.index("{") :])
    for problem in found["problems"]:
        print(f"{problem['ruleId']}: {problem['message']} {problem['location'][0].get('pointer', '')}")
    return int(found["totals"]["errors"] + found["totals"]["warnings"] + found["totals"]["ignored"])


def _tool(name: str) -> str:
    return str(_FOLDER / "node_modules" / ".bin" / name)


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=_FOLDER, check=False).returncode:
        sys.exit(f"failed: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
