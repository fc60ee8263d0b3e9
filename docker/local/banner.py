"""What a person is told when the local stack is ready."""

from collections.abc import Mapping
from pathlib import Path

from docker.local.data import ROOT, Data
from docker.local.environment import url_of

API = "/api/v1/celery/twilio"


def banner(env: Mapping[str, str], data: Data, simulated: bool, embedded: bool) -> str:
    """Addresses, places, and a first call to paste."""
    url = url_of(env["APP_HOST"], env["APP_PORT"])
    twilio = env.get("TWILIO_API_BASE_URL") or "https://api.twilio.com"
    calls = f"simulated, see {twilio}" if simulated else f"REAL: they go through {twilio} and cost money"
    redis = "the one that CELERY_BROKER_URL names"
    if embedded:
        redis = f"redis://127.0.0.1:{env['REDIS_PORT']}/0  (its password: {_short(data.password_file)})"
    key = " -H 'Authorization: Bearer <the secret of one of API_KEYS>'" if env.get("API_KEYS") else ""
    console = "" if env.get("CONSOLE") == "0" else f"\n  Console        {url}/"
    return f"""{console}
  The API        {url}{API}
  Try it out     {url}/api/docs
  Calls          {calls}
  Redis          {redis}
  Data           {_short(data.folder)}
  Logs           {_short(data.logs)}
  Reset          make reset

  Place a call, from another terminal:

    curl -X POST {url}{API}/queue-single-call{key} \\
      -H 'Content-Type: application/json' -d '{{"to_number": "+1234567890"}}'

  Ctrl-C stops everything; waiting calls go on at the next start.
"""


def _short(path: Path) -> Path:
    """As seen from the project's folder, where `make` is run."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
