"""worker.admin export: every record and every number, as a stream."""

import csv
import io
import json

import pytest

from schemas import keys
from schemas.campaigns.rows import Row
from tests.scripts.conftest import Store
from tests.worker.operator import Operator

NUMBER = "+12025550100"


def test_export_streams_every_record(operator: Operator, store: Store) -> None:
    calls = [store.call(f"+1202555{index:04d}") for index in range(30)]
    campaign = store.campaign(NUMBER, rank=1)
    assert store.ledger.admit(1) == [f"{campaign}-1"]
    store.redis.hset(keys.task("damaged"), mapping={"kind": "single", "state": "lost"})
    rows = [json.loads(line) for line in operator.run("export", "--jsonl").splitlines()]

    by_id = {row["id"]: row for row in rows}
    assert set(by_id) == {*calls, campaign, f"{campaign}-1", "damaged"}
    assert by_id[calls[3]]["to_number"] == "+12025550003"
    assert by_id[calls[3]]["metadata"] == {"a": 1}
    assert (by_id[campaign]["counts"]["waiting"], by_id[campaign]["counts"]["live"]) == (1, 0)
    assert by_id["damaged"]["state"] == "damaged"
    assert operator.run("export") == operator.run("export", "--jsonl")


def test_export_knows_every_number_of_a_campaign_also_those_that_never_began(operator: Operator, store: Store) -> None:
    campaign = store.campaign("+12025550111", "+12025550112", "+12025550113", max_live=1)
    assert store.ledger.admit(1) == [f"{campaign}-1"]
    store.cancel(f"{campaign}-3")
    rows = {row["id"]: row for row in map(json.loads, operator.run("export").splitlines())}
    told = {f"{campaign}-{place}": rows[f"{campaign}-{place}"] for place in (1, 2, 3)}

    assert [row["to_number"] for row in told.values()] == ["+12025550111", "+12025550112", "+12025550113"]
    assert [row["state"] for row in told.values()] == ["dispatched", "waiting", "cancelled"]
    assert {row["campaign_id"] for row in told.values()} == {campaign}
    assert {told[f"{campaign}-{place}"]["from_number"] for place in (2, 3)} == {"+15005550006"}
    assert len(rows) == 4


def test_export_knows_calls_with_variables(operator: Operator, store: Store) -> None:
    campaign = store.campaign(Row("+12025550111", None, ["Ada"]))
    store.ledger.admit(1)
    rows = {row["id"]: row for row in map(json.loads, operator.run("export").splitlines())}
    assert rows[f"{campaign}-1"]["state"] == "dispatched"


@pytest.mark.parametrize(
    "digits", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "\t=1", "\r=1", "\n=1"]
)
def test_no_cell_of_a_csv_export_is_a_formula(operator: Operator, store: Store, digits: str) -> None:
    call = store.dialling(NUMBER)
    store.callback(call, "ringing", sid="CA1", fields={"digits": digits, "error": 'a "quoted", cell'})
    [row] = csv.DictReader(io.StringIO(operator.run("export", "--csv"), newline=""))

    assert (row["id"], row["to_number"], row["digits"]) == (call, f"'{NUMBER}", f"'{digits}")
    assert (row["error"], row["metadata"]) == ('a "quoted", cell', '{"a": 1}')
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())
