"""Names by which processes are told from each other."""

import os
import platform
from pathlib import Path

from runtime.liveness import own_name, own_place


def test_containers_that_have_their_hosts_name_and_the_same_ids_differ(tmp_path: Path) -> None:
    """As all that are in the network of one host, in each of which a part is process 1."""
    for name in ("one", "other"):
        (tmp_path / name).touch()
    places = {own_place(tmp_path / name) for name in ("one", "other", "no Linux")}
    assert len(places) == 3
    assert {place.partition(":")[0] for place in places} == {platform.node()}


def test_a_process_has_one_name_in_which_its_id_stands() -> None:
    assert own_name() == own_name() == f"{own_place()}/{os.getpid()}"
