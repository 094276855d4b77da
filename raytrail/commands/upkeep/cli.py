"""Commands that keep a store for years: backup, fsck, retention, legal holds, erasure."""

import sys
from pathlib import Path
from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Argument, Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    layout_of,
    opened,
    read_settings,
    read_store_settings,
    tell,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG
from raytrail.progress import shown_if_slow


def backup(
    target: Annotated[Path, Argument(help="Folder of the backup; empty the first time")],
    data: DataOption = None,
    *,
    verify: Annotated[
        bool, Option("--verify", help="Also check the files that earlier runs copied")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy new files into a backup folder.

    A service may be running.
    """
    from dataclasses import asdict

    from raytrail.commands.upkeep import backup as words
    from store.backup.backup import Backup

    with opened(read_store_settings(), data) as store, shown_if_slow("backing up"):
        done = Backup.of(store, target).run(is_verifying=verify)
    tell(asdict(done) if json else words.backup_lines(done))
    sys.exit(FOUND_SOMETHING_WRONG if done.left_out else FINE)


def restore(
    source: Annotated[Path, Argument(help="Folder of the backup")],
    data: DataOption = None,
    erasures: Annotated[
        list[Path] | None,
        Option(
            "--erasures",
            metavar="PATH",
            help="A list of erasures, a newer store or a newer backup; can be given several times",
        ),
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Create a store from a backup.

    The store's folder must be empty or missing. Erasures that the backup does not know are looked
    for in --erasures, and in stores and backups beside it.
    """
    from dataclasses import asdict

    from queries.shell_content import SHELL_CONTENT
    from raytrail.commands.upkeep import backup as words
    from store.backup.restore import restore as restored
    from store.timestamps import system_clock

    layout = layout_of(read_store_settings(), data)
    with shown_if_slow("restoring"):
        done = restored(source, layout, system_clock, SHELL_CONTENT, erasures or ())
    tell(asdict(done) if json else words.restore_lines(done))
    is_wrong = done.left_out or done.newer.found
    sys.exit(FOUND_SOMETHING_WRONG if is_wrong else FINE)


def fsck(
    data: DataOption = None,
    *,
    deep: Annotated[bool, Option("--deep", help="Hash every file")] = False,
    repair: Annotated[bool, Option("--repair", help="Repair what can be repaired safely")] = False,
    json: JsonOption = False,
) -> None:
    """Check the files on disk against the catalog.

    A service may be running.
    """
    from raytrail.commands.upkeep import fsck as words

    with opened(read_store_settings(), data) as store, shown_if_slow("checking"):
        done = words.run(store, is_deep=deep, is_repairing=repair)
    tell((words.as_object if json else words.lines)(done, is_deep=deep))
    sys.exit(FOUND_SOMETHING_WRONG if words.is_wrong(done) else FINE)


def retain(
    data: DataOption = None,
    yes_remove: Annotated[
        int | None,
        Option(
            help="Confirm a large removal: the exact count that --dry-run prints", metavar="COUNT"
        ),
    ] = None,
    *,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Count what would be removed; change nothing")
    ] = False,
    clock_is_right: Annotated[
        bool,
        Option(
            "--clock-is-right",
            help="Confirm this machine's clock while retention waits for it; the ledger notes this",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Delete rows and raw bodies past their retention.

    Data under a legal hold is kept. RAYTRAIL_RETENTION sets how long data is kept.
    """
    from raytrail.commands.upkeep import retention
    from store.retention.confirmation import Confirmation

    settings = read_settings()
    given = Confirmation(clock_is_right=clock_is_right, count=yes_remove)
    with opened(settings, data) as store, shown_if_slow("looking for expired data"):
        if dry_run:
            found, sequence = retention.plan(store, settings.lifetimes()), None
        else:
            done = retention.run(store, settings.lifetimes(), given)
            if isinstance(done, retention.AlreadyRunning):
                busy = "already running: another process merges, removes or erases"
                echo('{"already_running":true}' if json else busy)
                return
            found, sequence = done.plan, done.sequence
    if json:
        tell(retention.as_object(found, given, sequence, is_trial=dry_run))
    else:
        tell(retention.lines(found, given, is_trial=dry_run))
    sys.exit(FOUND_SOMETHING_WRONG if found.unreadable else FINE)
