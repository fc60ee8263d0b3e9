"""Each alert fires alone when its cause shows in the metrics, and none while all is well: Prometheus itself says so."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.docker.files import DOCKER
from tests.docker.series import SERIES

RULES = DOCKER / "prometheus" / "rules.yaml"
ALERTS = {rule["alert"] for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]}
HOURS = 10

#: A series -> how it goes on, a value a minute: see https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules
WELL = {"redis_up": "1x600", "workers_alive": "2x600", "beats_alive": "1x600", "account_held": "0x600"}


def _histogram(name: str, labels: str, slow: str, most: str) -> Mapping[str, str]:
    """Nine of ten observations lie between two bounds."""
    return {
        f'{name}_bucket{{{labels}le="{slow}"}}': "0+1x600",
        f'{name}_bucket{{{labels}le="{most}"}}': "0+10x600",
        f'{name}_bucket{{{labels}le="+Inf"}}': "0+10x600",
    }


CAUSES: Mapping[str, Mapping[str, str]] = {
    "RedisAway": {"redis_up": "0x600"},
    "NoWorker": {"workers_alive": "0x600"},
    "NoBeat": {"beats_alive": "0x600"},
    "AccountHeld": {"account_held": "1x600"},
    "RedisEvicts": {'problem{code="redis_evicts"}': "1x600"},
    "RedisNotDurable": {"redis_last_write_ok": "0x600"},
    "RedisNearlyFull": {"redis_memory_bytes": "90x600", "redis_memory_most_bytes": "100x600"},
    "RedisFileGrows": {"redis_file_bytes": "0+1000x600", "redis_memory_most_bytes": "100x600"},
    "ClockDiffers": {"clock_difference_seconds": "12x600"},
    "SettingsDiffer": {'problem{code="settings_differ"}': "1x600"},
    "Drained": {'problem{code="drained"}': "1x600"},
    "TwilioNotConfigured": {'problem{code="twilio_not_configured"}': "1x600"},
    "OutcomesUnknown": {"calls_unknown_total": "0x590 1x10"},
    "WebhooksRefused": {"webhooks_refused_total": "0+3x600"},
    "FewAreReached": {
        'calls_ended_total{outcome="completed"}': "0x600",
        'calls_ended_total{outcome="busy"}': "0+2x600",
    },
    "CallsLate": _histogram("call_lateness_seconds", "", "0.25", "0.5"),
    "CallsPileUp": {"calls_waiting_due": "5x600", "next_token_seconds": "0x600"},
    "CallsRefused": {
        'calls_settled_total{outcome="refused",error_class="number"}': "0+5x600",
        'calls_settled_total{outcome="placed",error_class="none"}': "0+5x600",
    },
    "TwilioSlow": _histogram("twilio_request_seconds", 'operation="place",', "5", "10"),
    "MuchRescued": {'calls_rescued_total{state="dialling"}': "0+3x600"},
    "EventsNotTaken": {"relay_backlog": "200x600"},
    "RequestsFail": {
        'http_requests_total{method="POST",route="/x",status="500"}': "0+1x600",
        'http_requests_total{method="POST",route="/x",status="200"}': "0+10x600",
    },
}


def test_each_alert_has_a_cause_in_what_the_parts_show() -> None:
    assert set(CAUSES) == ALERTS
    for series in (name for cause in CAUSES.values() for name in cause):
        name, labels = series.partition("{")[0], set(re.findall(r"(\w+)=\"", series))
        assert labels <= SERIES[name], series


def _promtool() -> str:
    return shutil.which("promtool") or ""


@pytest.mark.skipif(not _promtool(), reason="promtool, of Debian's package prometheus, evaluates the rules")
def test_each_fires_alone_when_its_cause_is_there_and_none_while_all_is_well(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path / "rules.yaml")
    cases = [_case("", WELL), *(_case(alert, {**WELL, **cause}) for alert, cause in CAUSES.items())]
    file = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(file), "utf-8")
    command = [_promtool(), "test", "rules", "test.yaml"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def _case(alert: str, series: Mapping[str, str]) -> dict[str, object]:
    firing = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if alert else []
    return {
        "name": alert or "all is well",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": f"{HOURS - 1}h55m" if alert == "OutcomesUnknown" else f"{HOURS - 1}h",
                "exp_samples": firing,
            }
        ],
    }
