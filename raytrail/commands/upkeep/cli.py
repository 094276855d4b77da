"""What a store keeps, for how long, and how to get it back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    UntilOption,
    UserOption,
    folder_of,
    opened,
    tell,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow
from raytrail.settings import Settings
from store.files.layout import Layout
from store.timestamps import system_clock


def backup(
    target: Annotated[Path, typer.Argument(help="Folder of the backup, empty at first")],
    data: DataOption = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read again what an earlier backup copied")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy what is new into a folder that can be restored; may run beside a service."""
    from raytrail.commands.upkeep import backup as backing_up
    from store.backup.backup import Backup

    with opened(Settings.read(), data) as store, shown_if_slow("backing up"):
        done = Backup.of(store, target).run(is_verifying=verify)
    tell(asdict(done) if json else backing_up.backup_lines(done))


def restore(
    source: Annotated[Path, typer.Argument(help="Folder of a backup")],
    data: DataOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Make a store of a backup, in a folder that is empty or not there yet."""
    from queries.definitions import shell_statements
    from raytrail.commands.upkeep import backup as backing_up
    from store.backup.restore import restore as restored

    layout = Layout(folder_of(Settings.read(), data))
    with shown_if_slow("restoring"):
        done = restored(source, layout, system_clock, shell_statements())
    tell(asdict(done) if json else backing_up.restore_lines(done))


def fsck(
    data: DataOption = None,
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Hash every file")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended safely")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Compare the catalog with the disk; may run beside a service."""
    from raytrail.commands.upkeep import fsck as checking

    with opened(Settings.read(), data) as store, shown_if_slow("looking"):
        done = checking.run(store, is_deep=deep, is_repairing=repair)
    told = checking.as_object(done, is_deep=deep) if json else checking.lines(done, is_deep=deep)
    tell(told)
    raise typer.Exit(FOUND_SOMETHING_WRONG if checking.is_wrong(done) else FINE)


def retain(
    data: DataOption = None,
    yes_remove: Annotated[
        int | None, typer.Option(help="Remove exactly so many, as --dry-run says, however many")
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would go; change nothing")
    ] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Though it does not agree with the ledger")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Remove what is older than the settings allow, but for what a hold keeps."""
    from raytrail.commands.upkeep import retention
    from store.retention.confirmation import Confirmation

    settings = Settings.read()
    given = Confirmation(clock_is_right=clock_is_right, count=yes_remove)
    with opened(settings, data) as store, shown_if_slow("looking for what is too old"):
        if dry_run:
            found, sequence = retention.plan(store, settings.lifetimes()), None
        else:
            done = retention.run(store, settings.lifetimes(), given)
            if isinstance(done, retention.AlreadyRunning):
                busy = "already running: somebody merges, retires or erases"
                typer.echo('{"already_running":true}' if json else busy)
                return
            found, sequence = done.plan, done.sequence
    if json:
        facts = retention.as_object(found, given, sequence, is_trial=dry_run)
        tell(facts)
        return
    for line in retention.lines(found, given, is_trial=dry_run):
        typer.echo(line)


def hold_add(
    reason: Annotated[str, typer.Option("--reason", help="Why; the ledger keeps it for ever")],
    data: DataOption = None,
    user: Annotated[str, typer.Option("--user", help="The user exactly as logged")] = "",
    host: Annotated[str, typer.Option("--host", help="Any letter case, without a port")] = "",
    since: SinceOption = "",
    until: UntilOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Hold the rows that fit all of it: neither retention nor erasure removes them."""
    from raytrail.commands.upkeep import holds

    wanted = holds.criteria(user=user, host=host, since=since, until=until)
    with opened(Settings.read(), data) as store:
        hold = holds.add(store, wanted, reason)
    typer.echo(orjson.dumps(holds.as_object(hold)).decode() if json else hold.id)


def hold_list(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Every hold, released ones too."""
    from raytrail.commands.upkeep import holds

    with opened(Settings.read(), data) as store:
        found = holds.listed(store)
    if json:
        for hold in found:
            typer.echo(orjson.dumps(holds.as_object(hold)).decode())
        return
    for line in holds.lines(found):
        typer.echo(line)


def hold_release(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="As `hold list` shows it")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the ledger keeps it for ever")],
    data: DataOption = None,
) -> None:
    """Release a hold: the next retention may remove what it held."""
    from raytrail.commands.upkeep import holds

    with opened(Settings.read(), data) as store:
        hold = holds.release(store, hold_id, reason)
    typer.echo(f"{hold.id} is released")


def erase(
    user: UserOption,
    data: DataOption = None,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it, so it names nobody")] = "",
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go; change nothing")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only look whether any is left")] = False,
    json: JsonOption = False,
) -> None:
    """Forget one person: rows, rejected lines and bodies go at once, and for good."""
    from secrets import token_bytes

    from raytrail.commands.upkeep import erasure
    from store.erasure.erasure import SALT_BYTES

    if check and dry_run:
        raise CannotDo("--check and --dry-run both change nothing; choose one")
    person = erasure.identifier(user)
    with opened(Settings.read(), data) as store, shown_if_slow("looking through the store"):
        if check:
            told = erasure.check(store, person)
        elif dry_run:
            told = erasure.trial(store, person)
        else:
            salt = token_bytes(SALT_BYTES)
            told = erasure.run(erasure.erasure(store, person, reason, salt, _tell_salt))
    if json:
        facts = erasure.as_object(told, person)
        tell(facts)
    else:
        for line in erasure.lines(told):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if told.is_wrong else FINE)


def _tell_salt(salt: str) -> None:
    """Before the one step that cannot be taken back: killed behind it, we could tell nobody."""
    typer.echo(f"salt of the receipt, which is told once and kept nowhere: {salt}", err=True)
