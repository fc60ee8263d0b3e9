"""`python -m app`: the web tier alone, loaded without what it has no use for."""

import gc
import signal
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Final

#: What libraries load if it happens to be installed: structlog rich, to colour tracebacks, and kombu yaml, to read it.
_UNUSED: Final = ("rich", "yaml")


def main() -> None:
    """Loads the web tier and serves."""
    if sys.argv[1:]:
        _answer_arguments()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until app.server listens: there is nothing to stop yet
    gc.disable()  # app.server enables it: looking for garbage among what is being loaded takes a sixth of the start
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    _load_decorators()
    from app import server  # noqa: PLC0415 - not before all that is to be left out is told

    server.main()


def _answer_arguments() -> None:
    """Ends the process with what it can say about arguments: it takes none."""
    from argparse import ArgumentParser  # noqa: PLC0415 - a server that is started has none

    told = "Its settings are environment variables: see docs/settings.md."
    ArgumentParser(prog="python -m app", description="Serves the web tier until SIGTERM.", epilog=told).parse_args()


def _load_decorators() -> None:
    """
    Loads of aiohttp-apispec only the decorators.

    The package itself would load jinja2, webargs and apispec, for a page and a validation that are not used here.
    """
    spec = find_spec("aiohttp_apispec")
    if spec is None:
        raise ModuleNotFoundError("aiohttp-apispec is not installed.", name="aiohttp_apispec")
    package = module_from_spec(spec)
    sys.modules["aiohttp_apispec"] = package
    decorators = import_module("aiohttp_apispec.decorators")
    vars(package).update(docs=decorators.docs, json_schema=decorators.json_schema)


if __name__ == "__main__":
    main()
