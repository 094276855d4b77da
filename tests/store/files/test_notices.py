"""Notices of a service are seen by its own processes and by commands, and end with the service."""

import os
from pathlib import Path

from store.files import durable, notices
from store.files.notices import PROMISE_SUFFIX, SUFFIX, TEXT_CHARACTERS_MAX, Notices
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


def test_a_notice_that_is_put_again_is_written_only_if_its_text_is_another(tmp_path: Path) -> None:
    told = Notices(tmp_path)
    told.put("loading", "the loader waits")
    file = tmp_path / f"loading{SUFFIX}"
    os.utime(file, (0, 0))

    told.put("loading", "the loader\n waits")
    assert file.stat().st_mtime == 0

    told.put("loading", "the loader has no space")
    assert file.stat().st_mtime > 0
    assert told.read() == {"loading": "the loader has no space"}


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

    with durable.lock(store.layout.serve_lock), notices.announced(store.layout, place) as told:
        told.put("loading", "the loader waits")
        assert [reason.text for reason in store.degraded()] == ["the loader waits"]

    assert store.degraded() == ()


def test_a_lock_file_with_other_content_names_no_place(store: Store) -> None:
    for content in (b"", b"\0", b"relative", b"/nowhere"):
        store.layout.serve_lock.write_bytes(content)
        assert notices.of_service(store.layout) == Notices()


def test_a_promise_that_is_not_kept_is_read_as_a_notice(tmp_path: Path) -> None:
    now = 1_000.0
    told = Notices(tmp_path, now=lambda: now)
    told.promise("merging", "the compactor", 1_800.0)

    now += 1_799.0
    assert told.read() == {}
    now += 2.0
    assert told.read() == {"merging": "the compactor has not reported for more than 30 minutes"}

    told.put("merging", "the compactor waits")
    assert told.read() == {"merging": "the compactor waits"}, "it knows better"
    told.clear("merging")
    told.promise("merging", "the compactor", 1_800.0)
    assert told.read() == {}


def test_a_promise_that_is_being_written_is_not_broken(tmp_path: Path) -> None:
    for text in ("", "5.0", "5.0 60"):
        (tmp_path / f"merging{PROMISE_SUFFIX}").write_text(text)

        assert Notices(tmp_path).read() == {}
