"""How many deliveries a client may have under way: however many events it has at once, the next client finds room."""

from app.relay.shares import MOST_DELIVERIES, MOST_TAKEN_AT_ONCE, Shares
from schemas.scripts.relay import Parcel


def begin(shares: Shares, client: str) -> int:
    """As many deliveries to hosts of its own as a client that has none under way may begin."""
    room = shares.rooms().client
    for place in range(room):
        shares.begin(Parcel(client, "", "", client, f"{client}-{place}", "1:0", {}, 0))
    return room


def test_however_many_a_client_begins_at_once_there_is_room_for_the_next_client() -> None:
    shares = Shares()
    rooms = [begin(shares, client) for client in "abcdef"]

    assert rooms[0] == MOST_DELIVERIES // 2
    assert all(room > 0 for room in rooms)
    assert shares.rooms().most > 0


def test_a_client_that_has_its_share_begins_no_more_until_one_is_over() -> None:
    shares = Shares()
    while (room := shares.rooms().clients.get("a", 1)) > 0:
        for place in range(room):
            shares.begin(Parcel("call", "", "", "a", f"host-{place}", "1:0", {}, 0))
    assert shares.rooms().most >= MOST_DELIVERIES // 2
    shares.end(Parcel("call", "", "", "a", "host-0", "1:0", {}, 0))
    shares.end(Parcel("call", "", "", "a", "host-0", "1:0", {}, 0))
    assert shares.rooms().clients["a"] > 0


def test_a_turn_takes_no_more_than_redis_hands_out_in_some_milliseconds_and_the_next_one_takes_the_others() -> None:
    shares, taken = Shares(), []
    while (room := shares.rooms().most) > 0:
        taken.append(room)
        for place in range(room):
            shares.begin(Parcel("call", "", "", f"name-{len(taken)}-{place}", "host", "1:0", {}, 0))

    assert sum(taken) == MOST_DELIVERIES
    assert max(taken) == MOST_TAKEN_AT_ONCE < MOST_DELIVERIES
