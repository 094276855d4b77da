"""The file of ingest tokens: private, and replaced atomically."""

import stat
from pathlib import Path

from store.backup.backup import Backup
from store.fsck import check
from store.registers import tokens
from store.store import Store
from tests.factories import SHELL

FIRST = "first-token-of-more-than-thirty-two-letters"
SECOND = "second-token-of-more-than-thirty-two-letters"


def test_a_new_token_is_appended(store: Store) -> None:
    path = store.layout.tokens
    assert (tokens.stamp(path), tokens.read(path)) == (None, ())

    tokens.add(store.layout, FIRST)
    before = tokens.stamp(path)
    tokens.add(store.layout, SECOND)

    assert tokens.read(path) == (FIRST, SECOND)
    assert tokens.stamp(path) != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(store.layout.root.glob(".draft-*"))


def test_a_short_line_is_no_token(store: Store) -> None:
    store.layout.tokens.write_text(f"short\n\n  {FIRST}  \nümlaut-{SECOND}\n", encoding="utf-8")

    assert tokens.read(store.layout.tokens) == (FIRST,)


def test_fsck_and_backups_ignore_the_file(store: Store, tmp_path: Path) -> None:
    tokens.add(store.layout, FIRST)

    Backup.of(store, tmp_path / "backup").run()

    assert "tokens" not in {each.path for each in check.check(store, lambda: None, SHELL).left}
    copied = [path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert copied
    assert not any(FIRST.encode() in content for content in copied)
