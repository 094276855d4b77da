"""The command line: one function a command, each a few lines over the rooms.

Libraries are imported inside the commands, so that each pays only for what it uses.

Exit status: 0 fine, 1 found something wrong, 2 could not do it, 3 bad configuration,
4 the disk failed. What was asked for goes to standard output, all else to standard error.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from queries.errors import QueryFailed, QueryRefused
from queries.escape import for_terminal
from raytrail import log
from raytrail.errors import (
    BAD_CONFIGURATION,
    COULD_NOT_DO_IT,
    DISK_FAILED,
    FINE,
    FOUND_SOMETHING_WRONG,
    BadConfiguration,
    CannotDo,
)
from raytrail.progress import shown_if_slow
from raytrail.settings import Settings
from schema.errors import RaytrailError
from store import durable
from store.errors import DiskFailed, LayoutRefused, StoreDamaged
from store.layout import Layout
from store.moment import system_clock
from store.store import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Logpush destination that keeps every batch and rebuilds anyone's URL trail.",
)

hold_app = typer.Typer(no_args_is_help=True, help="Legal holds: what nothing may remove.")
app.add_typer(hold_app, name="hold")

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the store [RAYTRAIL_DATA or data/]")
]
UserOption = Annotated[str, typer.Option("--user", help="The user exactly as logged")]
SinceOption = Annotated[str, typer.Option("--since", help="Day or RFC 3339 time, UTC")]
UntilOption = Annotated[str, typer.Option("--until", help="Day, whole, or time, exclusive")]
JsonOption = Annotated[bool, typer.Option("--json", help="Facts as JSON")]

_EXIT_STATUS: dict[type[RaytrailError], int] = {
    BadConfiguration: BAD_CONFIGURATION,
    LayoutRefused: BAD_CONFIGURATION,
    CannotDo: COULD_NOT_DO_IT,
    QueryRefused: COULD_NOT_DO_IT,
    QueryFailed: COULD_NOT_DO_IT,
    StoreDamaged: FOUND_SOMETHING_WRONG,
    DiskFailed: DISK_FAILED,
}


def main() -> None:
    """The console script. Every error of ours is a sentence and an exit status, never a trace."""
    try:
        app()
    except RaytrailError as error:
        typer.echo(f"raytrail: {for_terminal(str(error))}", err=True)
        sys.exit(_exit_status(error))
    except BrokenPipeError:
        # Whoever read us has seen enough; closing quietly is what a pipe expects.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(COULD_NOT_DO_IT)


@app.command()
def serve(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address [RAYTRAIL_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port, 0 = free [RAYTRAIL_PORT]")] = None,
) -> None:
    """Receive batches and load them, until told to stop."""
    from raytrail.serve import Service

    settings = Settings.read()
    settings.receiver_options()  # Everything wrong with the tokens is told before we begin.
    logger = log.configure("serve")
    if settings.has_weak_token():
        logger.warning("a token is short; 32 letters or more cannot be guessed")
    with Store.create(_folder(settings, data), system_clock, settings.intake_limits()) as store:
        service = Service(store, settings.workers, logger)
        status = service.run(host or settings.host, settings.port if port is None else port)
    raise typer.Exit(status)


@app.command()
def load(data: DataOption = None) -> None:
    """Load what was received, once, where no service runs."""
    from raytrail.loading import Loading

    settings = Settings.read()
    with _opened(settings, data) as store:
        store.recover()
        with durable.lock(store.layout.loader_lock) as alone:
            if not alone:
                typer.echo("a loader is at work already")
                return
            with shown_if_slow("loading"):
                loaded = Loading(store, log.configure("load")).until_drained()
    typer.echo(f"{loaded} batches loaded")


@app.command()
def compact(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Merge small parts into day and month files now; `serve` does it by itself."""
    from raytrail import compacting

    with _opened(Settings.read(), data) as store, shown_if_slow("compacting"):
        done = compacting.once(store)
    if done is None:
        typer.echo("a compaction is running already", err=True)
        return
    if json:
        typer.echo(orjson.dumps(compacting.as_object(done), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in compacting.lines(done):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if compacting.is_wrong(done) else FINE)


@app.command()
def status(data: DataOption = None, *, json: JsonOption = False) -> None:
    """What the store holds and how far behind it is."""
    from raytrail import decoder
    from raytrail import status as shown

    with _opened(Settings.read(), data) as store:
        found = store.status()
    if json:
        facts = shown.as_object(found, decoder.running())
        typer.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())
        return
    for line in shown.lines(found, decoder.running()):
        typer.echo(line)


@app.command()
def replay(
    data: DataOption = None,
    dataset: Annotated[str, typer.Option(help="Only this dataset")] = "",
    batch: Annotated[str, typer.Option(help="Only the batch of this id, or its start")] = "",
    since: Annotated[str, typer.Option(help="Only batches received on this day or later")] = "",
    until: Annotated[str, typer.Option(help="Only batches received on this day or before")] = "",
    *,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Only batches with rejected lines, or unread")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decode and count; change nothing")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Decode kept batches again, as after an upgrade; may run beside a service."""
    from raytrail import replaying

    wanted = replaying.selection(
        dataset=dataset, batch=batch, since=since, until=until, only_rejected=rejected
    )
    with _opened(Settings.read(), data) as store, shown_if_slow("decoding again"):
        done = replaying.run(store, wanted, is_trial=dry_run)
    if json:
        facts = replaying.as_object(done, is_trial=dry_run)
        typer.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())
    else:
        for line in replaying.lines(done, is_trial=dry_run):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if replaying.is_wrong(done) else FINE)


@app.command()
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
    from raytrail import backing_up

    with _opened(Settings.read(), data) as store, shown_if_slow("backing up"):
        done = store.backup(target).run(is_verifying=verify)
    _print(asdict(done) if json else backing_up.backup_lines(done))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Folder of a backup")],
    data: DataOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Make a store of a backup, in a folder that is empty or not there yet."""
    from raytrail import backing_up
    from store.restore import restore as restored

    layout = Layout(_folder(Settings.read(), data))
    with shown_if_slow("restoring"):
        done = restored(source, layout, system_clock)
    _print(asdict(done) if json else backing_up.restore_lines(done))


@app.command()
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
    from raytrail import checking

    with _opened(Settings.read(), data) as store, shown_if_slow("looking"):
        done = checking.run(store, is_deep=deep, is_repairing=repair)
    told = checking.as_object(done, is_deep=deep) if json else checking.lines(done, is_deep=deep)
    _print(told)
    raise typer.Exit(FOUND_SOMETHING_WRONG if checking.is_wrong(done) else FINE)


@app.command()
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
    from raytrail import retaining
    from store.consent import Consent

    settings = Settings.read()
    given = Consent(clock_is_right=clock_is_right, count=yes_remove)
    with _opened(settings, data) as store, shown_if_slow("looking for what is too old"):
        if dry_run:
            found, sequence = retaining.plan(store, settings.lifetimes()), None
        else:
            done = retaining.run(store, settings.lifetimes(), given)
            if isinstance(done, retaining.AlreadyRunning):
                busy = "already running: somebody merges, retires or erases"
                typer.echo('{"already_running":true}' if json else busy)
                return
            found, sequence = done.plan, done.sequence
    if json:
        facts = retaining.as_object(found, given, sequence, is_trial=dry_run)
        typer.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())
        return
    for line in retaining.lines(found, given, is_trial=dry_run):
        typer.echo(line)


@hold_app.command("add")
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
    from raytrail import holding

    wanted = holding.criteria(user=user, host=host, since=since, until=until)
    with _opened(Settings.read(), data) as store:
        hold = holding.add(store, wanted, reason)
    typer.echo(orjson.dumps(holding.as_object(hold)).decode() if json else hold.id)


@hold_app.command("list")
def hold_list(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Every hold, released ones too."""
    from raytrail import holding

    with _opened(Settings.read(), data) as store:
        found = holding.listed(store)
    if json:
        for hold in found:
            typer.echo(orjson.dumps(holding.as_object(hold)).decode())
        return
    for line in holding.lines(found):
        typer.echo(line)


@hold_app.command("release")
def hold_release(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="As `hold list` shows it")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the ledger keeps it for ever")],
    data: DataOption = None,
) -> None:
    """Release a hold: the next retention may remove what it held."""
    from raytrail import holding

    with _opened(Settings.read(), data) as store:
        hold = holding.release(store, hold_id, reason)
    typer.echo(f"{hold.id} is released")


@app.command()
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

    from raytrail import erasing
    from store.erasure import SALT_BYTES

    if check and dry_run:
        raise CannotDo("--check and --dry-run both change nothing; choose one")
    person = erasing.identifier(user)
    with _opened(Settings.read(), data) as store, shown_if_slow("looking through the store"):
        if check:
            told = erasing.check(store, person)
        elif dry_run:
            told = erasing.trial(store, person)
        else:
            salt = token_bytes(SALT_BYTES)
            told = erasing.run(erasing.erasure(store, person, reason, salt, _tell_salt))
    if json:
        facts = erasing.as_object(told, person)
        typer.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())
    else:
        for line in erasing.lines(told):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if told.is_wrong else FINE)


@app.command()
def report(
    user: UserOption,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    session_minutes: Annotated[
        float | None, typer.Option(help="Silence that ends a session [RAYTRAIL_SESSION_MINUTES]")
    ] = None,
    save_folder: Annotated[
        Path | None, typer.Option("--save", help="Folder for HTML, CSV and JSON")
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Where one person went: totals, sessions, pages, addresses, refusals."""
    from raytrail import answers

    settings = Settings.read()
    gap = timedelta(minutes=session_minutes or settings.session_minutes)
    with _opened(settings, data) as store:
        asked = answers.Asked(store, user, since, until, settings.known_access_hosts())
        answers.report(asked, gap, as_json=json, save_folder=save_folder)


@app.command()
def trail(
    user: UserOption,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    host: Annotated[str, typer.Option(help="Only this host")] = "",
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Rows as CSV")] = False,
    json: JsonOption = False,
) -> None:
    """Every request of one person, oldest first."""
    from raytrail import answers

    settings = Settings.read()
    with _opened(settings, data) as store:
        asked = answers.Asked(store, user, since, until, settings.known_access_hosts())
        answers.trail(asked, host, answers.way_out(as_json=json, as_csv=csv))


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One statement that reads")],
    data: DataOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Ask the store in SQL: http_requests, access_requests, rejected, visits."""
    from raytrail import answers

    with _opened(Settings.read(), data) as store:
        snapshot = store.snapshot()
    answers.sql(snapshot, statement, as_json=json)


@app.command()
def shell(data: DataOption = None) -> None:
    """Open the store in the duckdb shell, reading only."""
    from raytrail.shell import open_shell

    with _opened(Settings.read(), data) as store:
        audit = store.layout.audit
    open_shell(audit)


@app.command()
def doctor(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Look for what needs somebody, and say what helps."""
    from raytrail import decoder
    from raytrail import doctor as examiner

    settings = Settings.read()
    folder, limits = _folder(settings, data), settings.intake_limits()
    found = list(examiner.examine(folder, limits, system_clock, decoder.running()))
    if json:
        facts = orjson.dumps(examiner.as_object(found), option=orjson.OPT_INDENT_2)
        typer.echo(facts.decode())
    else:
        for line in examiner.lines(found):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if examiner.is_wrong(found) else FINE)


@app.command()
def demo(data: DataOption = None) -> None:
    """The whole way on sample batches: receive, load, report."""
    from raytrail import demo as demonstration

    folder = _folder(Settings.read(), data)
    demonstration.run(folder)
    report(user=demonstration.USER, data=folder, save_folder=Path("reports"))
    typer.echo(demonstration.next_steps(folder))


def _print(told: dict[str, Any] | Iterable[str]) -> None:
    """One object as JSON, or lines for a person."""
    if isinstance(told, dict):
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    for line in told:
        typer.echo(line)


def _tell_salt(salt: str) -> None:
    """Before the one step that cannot be taken back: killed behind it, we could tell nobody."""
    typer.echo(f"salt of the receipt, which is told once and kept nowhere: {salt}", err=True)


def _folder(settings: Settings, data: Path | None) -> Path:
    return data or settings.data


@contextmanager
def _opened(settings: Settings, data: Path | None) -> Iterator[Store]:
    with Store.open(_folder(settings, data), system_clock, settings.intake_limits()) as store:
        yield store


def _exit_status(error: RaytrailError) -> int:
    found = (status for kind, status in _EXIT_STATUS.items() if isinstance(error, kind))
    return next(found, COULD_NOT_DO_IT)
