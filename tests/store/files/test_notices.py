"""Notices of a service are seen by its own processes and by commands, and end with the service."""

from pathlib import Path

from store.files import notices
from store.files.notices import TEXT_CHARACTERS_MAX, Notices
from store.store import Store


def test_a_notice_is_read_until_it_is_cleared(tmp_path: Path) -> None:
    told = Notices(tmp_path)
    told.put("loading", "the loader waits:\n  no space")
    told.put("merging", "x" * 2 * TEXT_CHARACTERS_MAX)

    assert Notices(tmp_path).read() == {
        "loading": "the loader waits: no space",
        "merging": "x" * TEXT_CHARACTERS_MAX,
    }

    told.clear("loading")
    told.clear("loading")
    told.clear("merging")
    assert Notices(tmp_path).read() == {}


def test_without_a_place_to_write_the_work_goes_on(tmp_path: Path) -> None:
    for told in (Notices(), Notices(tmp_path / "gone")):
        told.put("loading", "the loader waits")
        told.clear("loading")
        assert told.read() == {}


def test_a_command_finds_the_notices_of_a_running_service_and_none_of_an_ended_one(
    store: Store, tmp_path: Path
) -> None:
    place = tmp_path / "in memory"
    place.mkdir()
    assert notices.of_service(store.layout) == Notices()

    with notices.announced(store.layout, place) as told:
        told.put("loading", "the loader waits")
        assert [reason.text for reason in store.degraded()] == ["the loader waits"]

    assert store.degraded() == ()


def test_a_lock_file_with_other_content_names_no_place(store: Store) -> None:
    for content in (b"", b"\0", b"relative", b"/nowhere"):
        store.layout.serve_lock.write_bytes(content)
        assert notices.of_service(store.layout) == Notices()
