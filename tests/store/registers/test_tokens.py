"""Tokens that were made here lie in a file for their owner, whole at any moment."""

import stat
from pathlib import Path

from store.backup.backup import Backup
from store.fsck import check
from store.registers import tokens
from store.store import Store
from tests.factories import SHELL

FIRST = "first-token-of-more-than-thirty-two-letters"
SECOND = "second-token-of-more-than-thirty-two-letters"


def test_a_token_is_added_behind_those_that_are_there(store: Store) -> None:
    path = store.layout.tokens
    assert (tokens.stamp(path), tokens.read(path)) == (None, ())

    tokens.add(store.layout, FIRST)
    before = tokens.stamp(path)
    tokens.add(store.layout, SECOND)

    assert tokens.read(path) == (FIRST, SECOND)
    assert tokens.stamp(path) != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(store.layout.root.glob(".draft-*"))


def test_a_line_that_can_be_guessed_is_no_token(store: Store) -> None:
    store.layout.tokens.write_text(f"short\n\n  {FIRST}  \nümlaut-{SECOND}\n", encoding="utf-8")

    assert tokens.read(store.layout.tokens) == (FIRST,)


def test_neither_fsck_nor_a_backup_minds_them(store: Store, tmp_path: Path) -> None:
    tokens.add(store.layout, FIRST)

    Backup.of(store, tmp_path / "backup").run()

    assert "tokens" not in {each.path for each in check.check(store, lambda: None, SHELL).left}
    copied = [path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert copied
    assert not any(FIRST.encode() in content for content in copied)
