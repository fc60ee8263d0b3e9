"""Files of recipients as spreadsheets write them: each line can be called, or is shown with its fault."""

import json
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Open
from tests.console.steps import form
from tests.processes import BASE_PATH
from tests.stack import Stack

FIRST, SECOND = "+12025550160", "+12025550161"


def given(page: Page, content: bytes) -> Locator:
    """The form, when it has a file of these bytes."""
    fields = form(page, "Call many, from a file")
    fields.get_by_label("A file of recipients").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
    )
    return fields


def test_a_file_is_read_in_each_way_in_which_spreadsheets_write_it(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    for content in (
        f"Phone Number\tNote\r\n'{FIRST}\tx\r\n{SECOND}\t\r\n".encode("utf-16"),
        f"Phone Number;Note\r\n{FIRST};x\r\n;\r\n{SECOND};\r\n".encode("utf-8-sig"),
        f'"Last, first",Mobile phone\rx,{FIRST}\ry,{SECOND}\r'.encode(),
        f'{FIRST},"a; b"\n{SECOND},"two\nlines"\n'.encode(),
    ):
        expect(given(page, content).get_by_role("status")).to_have_text("2 numbers can be called; no line has a fault.")
        form(page, "Call many, from a file").get_by_label("Recipients", exact=True).fill("")


def test_of_a_file_whose_quotes_do_not_pair_no_line_gets_lost_without_a_word(stack: Stack, visit: Open) -> None:
    fields = given(visit(stack.url, "#/do"), f'to_number,note\n{FIRST},12 "\n{SECOND},"open\n{FIRST},x\n'.encode())
    expect(fields.get_by_role("status")).to_have_text("1 number can be called; 1 line cannot.")
    expect(fields.get_by_role("row").nth(1)).to_contain_text("3")
    expect(fields.get_by_role("row").nth(1)).to_contain_text("A quote in this line is never closed")
    expect(fields.get_by_role("button", name="Start with 1 number")).to_be_disabled()


def test_what_may_be_another_number_than_was_meant_is_no_number(stack: Stack, visit: Open) -> None:
    """A figure of a program or a spreadsheet got one digit more, and two numbers in one cell became a third one."""
    page = visit(stack.url, "#/do")
    for number in (f"{FIRST}.0", f"{FIRST}.00", "+1.2025E+10", '"+4930123\n4930124"', '"+4930123\r\n4930124"'):
        fields = given(page, f"to_number\n{number}\n".encode())
        expect(fields.get_by_role("status")).to_have_text("0 numbers can be called; 1 line cannot.")
    for number in ("+1.202.555.0160", "+1 202\u00a0555\u20090160", "+33.1.42.68.53.00"):
        fields = given(page, f"to_number\n{number}\n".encode())
        expect(fields.get_by_role("status")).to_have_text("1 number can be called; no line has a fault.")


def test_a_file_in_another_encoding_is_refused_instead_of_misread(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = given(page, f"to_number,name\n{FIRST},J\u00f6rg\n".encode("cp1252"))
    expect(page.get_by_role("log")).to_contain_text("people.csv is neither UTF-8 nor UTF-16: save it as")
    expect(fields.get_by_role("status")).to_have_text("")


def test_the_file_of_a_campaign_can_be_given_again(stack: Stack, visit: Open, tmp_path: Path) -> None:
    people = [{"to_number": FIRST, "external_id": "-12"}, {"to_number": SECOND, "external_id": "=A1"}]
    first = stack.queue("queue-bulk-calls", recipients=people, start="paused")
    page = visit(stack.url, f"#/campaigns/{first}")
    with page.expect_download() as loaded:
        page.get_by_role("main").get_by_role("button", name="CSV").click()
    loaded.value.save_as(tmp_path / "calls.csv")
    page = visit(stack.url, "#/do")
    fields = given(page, (tmp_path / "calls.csv").read_bytes())
    fields.get_by_label("Begins").select_option("paused")
    with page.expect_request(lambda one: one.url.endswith(f"{BASE_PATH}/queue-bulk-calls")) as asked:
        fields.get_by_role("button", name="Start with 2 numbers").click()
    assert json.loads(asked.value.post_data or "")["recipients"] == people


def test_what_only_a_machine_or_the_prompt_is_told_of_a_person_is_sent(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = given(page, f"to_number,name,code,secret\n{FIRST},Ada,four,x\n".encode())
    fields.get_by_label("Begins").select_option("paused")
    fields.get_by_text("Once it is answered").click()
    fields.get_by_label("If a machine answers").select_option("leave_message")
    fields.get_by_label("What a machine hears").fill("Dear {{name}}, call us.")
    fields.get_by_label("Keys to ask for", exact=True).fill("1")
    fields.get_by_label("Asked for with").fill("Your code is {{code}}.")
    with page.expect_response(lambda one: one.url.endswith(f"{BASE_PATH}/queue-bulk-calls")) as answered:
        fields.get_by_role("button", name="Start with 1 number").click()
    assert answered.value.status == 200, answered.value.text()
    (sent,) = json.loads(answered.value.request.post_data or "")["recipients"]
    assert sent == {"to_number": FIRST, "variables": {"name": "Ada", "code": "four"}}


def file_of(*numbers: str) -> bytes:
    return "\n".join(["to_number", *numbers, ""]).encode()


def test_who_stands_in_two_thousands_of_a_file_is_called_once(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    numbers = [f"+1202{number:07d}" for number in range(5_550_000, 5_551_500)]
    fields = given(page, file_of(*numbers, numbers[0], numbers[1200]))
    expect(fields.get_by_role("status")).to_contain_text("1,500 numbers can be called, 2 of the lines repeat one")
    fields.get_by_label("Begins").select_option("paused")
    fields.get_by_role("button", name="Start with 1,500 numbers").click()
    expect(page.get_by_role("log")).to_contain_text("500 numbers added")
    page.get_by_role("link", name="Follow it").first.click()
    task_id = page.url.rpartition("/")[2]
    assert stack.status(task_id)["result"]["counts"]["total"] == 1500


def test_nothing_of_a_file_is_queued_of_which_a_line_behind_the_first_thousand_is_refused(
    stack: Stack, visit: Open
) -> None:
    page = visit(stack.url, "#/do")
    statuses: list[int] = []
    page.on("response", lambda one: statuses.append(one.status) if one.url.endswith("queue-bulk-calls") else None)
    numbers = [f"+1202{number:07d}" for number in range(5_552_000, 5_553_100)]
    fields = given(page, file_of(*numbers[:1050], "+1911", *numbers[1050:]))
    fields.get_by_role("button", name="Start with 1,101 numbers").click()
    expect(fields.get_by_role("status")).to_have_text("1,100 numbers can be called; 1 line cannot.")
    expect(fields.get_by_role("row").nth(1)).to_contain_text("1052")
    assert statuses == [400]


def test_who_is_queued_is_not_queued_again_when_the_others_could_not_be_added(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    numbers = [f"+1202{number:07d}" for number in range(5_554_000, 5_555_200)]
    page.route("**/recipients", lambda route: route.fulfill(status=429, json={"detail": "Too many.", "code": "x"}))
    fields = given(page, file_of(*numbers))
    fields.get_by_label("Begins").select_option("paused")
    fields.get_by_role("button", name="Start with 1,200 numbers").click()
    expect(page.get_by_role("log")).to_contain_text("The first 1,000 numbers are queued; the others are not.")
    expect(fields.get_by_role("button", name="Add the other 200 numbers")).to_be_enabled()


def test_of_those_that_are_left_out_none_is_left_out_without_a_word(stack: Stack, visit: Open) -> None:
    barred = [f"+1202{number:07d}" for number in range(5_559_900, 5_559_907)]
    assert stack.post("do-not-call", {"phone_numbers": barred}).status_code == 200
    page = visit(stack.url, "#/do")
    fields = given(page, file_of(FIRST, *barred))
    fields.get_by_label("Begins").select_option("paused")
    fields.get_by_role("button", name="Start with 8 numbers").click()
    told = page.get_by_role("log").get_by_text("queued successfully")
    expect(told).to_contain_text("+1202…04 is left out: it is on the do-not-call list. And 2 others")
