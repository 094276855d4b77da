"""A process keeps the last file of each of a few kinds, to make the next one from it."""

from pathlib import Path

from store.reading.shell import template as templates
from store.reading.shell.template import Template


def test_the_newest_kinds_are_kept_and_each_has_its_last_file(tmp_path: Path) -> None:
    written, made, template = tmp_path / "written", tmp_path / "made", Template()

    for kind in (*range(templates.KINDS_MAX), 0, templates.KINDS_MAX):
        written.write_text(f"file of {kind}, {len(template._last)} before")
        template.keep(written, kind, 1)

    assert not template.copied_to(made, 1, 1), "the kind that was used longest ago"
    assert template.copied_to(made, 0, 1)
    assert made.read_text() == f"file of 0, {templates.KINDS_MAX} before"
    assert template.copied_to(made, templates.KINDS_MAX, 1)


def test_a_file_of_another_revision_is_not_copied_and_not_kept(tmp_path: Path) -> None:
    written, made, template = tmp_path / "written", tmp_path / "made", Template()
    written.write_text("with somebody who is erased")
    template.keep(written, "kind", "before")

    assert not template.copied_to(made, "kind", "after")
    written.write_text("without")
    template.keep(written, "kind", "after")

    assert not template.copied_to(made, "kind", "before")
    assert [content for _, content in template._last.values()] == [b"without"]
