"""The dashboard and the alert rules name only metrics and labels that the code defines."""

import json
import re
from collections.abc import Iterator

import pytest
import yaml

from tests.docker.files import DOCKER
from tests.docker.series import GAUGES, SERIES

DASHBOARD = json.loads((DOCKER / "grafana" / "dashboard.json").read_text("utf-8"))
RULES = yaml.safe_load((DOCKER / "prometheus" / "rules.yaml").read_text("utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]

_WORDS = {"and", "or", "unless", "bool", "offset"}
_STRING, _RANGE = re.compile(r'"[^"]*"'), re.compile(r"\[[^]]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"(\w+)\{([^}]*)\}")
_NAME = re.compile(r"(?<![\w.])[a-z_]\w*\b(?!\s*\()")


def _expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


@pytest.mark.parametrize("expression", list(_expressions()))
def test_an_expression_names_only_series_and_labels_that_exist(expression: str) -> None:
    bare = _RANGE.sub("", _STRING.sub("", expression))
    grouped = {label.strip() for labels in _GROUPING.findall(bare) for label in labels.split(",")}
    selected = {
        (name, re.match(r"\w+", part.strip())) for name, parts in _SELECTOR.findall(bare) for part in parts.split(",")
    }
    named = set(_NAME.findall(re.sub(r"\{[^}]*\}", "", _GROUPING.sub("", bare)))) - _WORDS

    assert named
    assert named <= set(SERIES)
    assert grouped <= set.union(*(SERIES[name] for name in named))
    assert all(label and label[0] in SERIES[name] for name, label in selected)


def test_every_metric_is_on_the_dashboard_or_alerts_someone() -> None:
    named = {name for expression in _expressions() for name in _NAME.findall(_STRING.sub("", expression))}
    unused = {name for name in SERIES if name.endswith(("_total", "_bucket")) or name in GAUGES} - named

    assert unused == set()


def test_an_alert_says_what_it_means_and_what_to_do() -> None:
    for rule in ALERTS:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description"}
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


def test_panels_do_not_overlap_and_ask_the_chosen_prometheus() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        mine = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not mine & cells
        cells |= mine
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
