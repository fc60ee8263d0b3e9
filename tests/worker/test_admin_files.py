"""Files of numbers that `worker.admin recipients` takes: however a spreadsheet wrote them, no line gets lost."""

from pathlib import Path

import pytest

from schemas import keys
from schemas.campaigns.cells import cell
from tests.scripts.conftest import Store
from tests.worker.operator import Operator
from tests.worker.test_admin_steering import NUMBERS, told_off

FIRST, SECOND = "+12025550120", "+12025550121"


@pytest.fixture
def campaign(store: Store) -> str:
    return store.campaign(*NUMBERS, max_live=2)


@pytest.mark.parametrize(
    "content",
    [
        f"To Number;External ID\r\n{FIRST};crm-1\r\n{SECOND};\r\n",
        f"NUMBER,external-id\n{FIRST},crm-1\n,\n,,,\n{SECOND},\n , \n",
        f'"a;b",to_number,external_id\nx,{FIRST},crm-1\ny,{SECOND}\n',
        f'"say\twhy",to_number,"external_id"\nx,{FIRST},crm-1\n"two\nlines, and a "" in them",{SECOND}\n',
        f"note,to_number,external_id\na\u2028b\x0cc\x85d,{FIRST},crm-1\n,{SECOND}\n",
        f"to_number,external_id,to_number\n{FIRST},crm-1,\n{SECOND},,nobody\n",
        f"number,to_number,external_id\nnobody,{FIRST},crm-1\n,{SECOND}\n",
    ],
    ids=["heads with blanks", "empty lines", "a ; in the head", "a tab and a break", "odd breaks", "twice", "both"],
)
def test_each_number_comes_in_however_the_file_was_written(
    operator: Operator, store: Store, campaign: str, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(content.encode())
    assert operator.json("recipients", campaign, str(file))["added"] == 2
    assert store.redis.lrange(keys.rows(campaign), -2, -1) == ["12025550120\x1fcrm-1", "12025550121"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f'to_number,note\n{FIRST},"12 inch\n{SECOND},x\n', "line 2: a quote in it is never closed"),
        (
            f'to_number,note\n{FIRST},"Bob "B" Smith"\n{SECOND},x\n',
            "line 2: a quote in it is never closed, or has more",
        ),
        (f'to_number,note\n{FIRST},"{"x" * 200_000}\n', "line 2: a quote in it"),
        (f'"to_number,note\n{FIRST},x\n', "line 1: none of its columns is named to_number or number"),
        (f"phone,external_id\n{FIRST},x\n", "line 1: none of its columns is named to_number or number"),
        (f"{FIRST}\n{SECOND}\n", "line 1: none of its columns is named to_number or number"),
        ("", "line 1: none of its columns is named to_number or number"),
        (f'to_number,note\n{FIRST},"two\nlines"\nnobody,\n', "line 4: there is no phone number"),
        (f"to_number,external_id\n{FIRST},{'x' * 201}\n", "line 2: its external_id is longer than 200 characters"),
    ],
    ids=["open", "torn", "long", "open head", "other names", "no head", "empty", "place", "long id"],
)
def test_a_file_that_cannot_be_read_whole_is_told_by_its_line_and_adds_nothing(
    operator: Operator, store: Store, campaign: str, tmp_path: Path, content: str, told: str
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(content)
    assert told in told_off(operator, "recipients", campaign, str(file))
    assert store.redis.get(keys.marks(campaign)) == "wwww"


def test_what_a_file_of_ours_says_comes_back(operator: Operator, store: Store, campaign: str, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(
        f"call_id,to_number,external_id\nx-1,{cell(FIRST)},{cell('-12')}\nx-2,{cell(SECOND)},{cell('=A1')}\n"
    )
    assert operator.json("recipients", campaign, str(file))["added"] == 2
    assert store.redis.lrange(keys.rows(campaign), -2, -1) == ["12025550120\x1f-12", "12025550121\x1f=A1"]
