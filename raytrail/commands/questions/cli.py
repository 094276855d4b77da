"""Questions about people, and anything else that SQL can ask."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    UntilOption,
    UserOption,
    opened,
)
from raytrail.settings import Settings


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
    from raytrail.commands.questions import answers

    settings = Settings.read()
    gap = timedelta(minutes=session_minutes or settings.session_minutes)
    with opened(settings, data) as store:
        asked = answers.Asked(store, user, since, until, settings.known_access_hosts())
        answers.report(asked, gap, as_json=json, save_folder=save_folder)


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
    from raytrail.commands.questions import answers

    settings = Settings.read()
    with opened(settings, data) as store:
        asked = answers.Asked(store, user, since, until, settings.known_access_hosts())
        answers.trail(asked, host, answers.way_out(as_json=json, as_csv=csv))


def sql(
    statement: Annotated[str, typer.Argument(help="One statement that reads")],
    data: DataOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Ask the store in SQL: http_requests, access_requests, rejected, visits."""
    from raytrail.commands.questions import answers

    with opened(Settings.read(), data) as store:
        snapshot = store.snapshot()
    answers.sql(snapshot, statement, as_json=json)


def shell(data: DataOption = None) -> None:
    """Open the store in the duckdb shell, reading only."""
    from raytrail.commands.questions.shell import open_shell

    with opened(Settings.read(), data) as store:
        audit = store.layout.audit
    open_shell(audit)
