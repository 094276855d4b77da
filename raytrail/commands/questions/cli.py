"""Commands that answer questions: `raytrail report`, `trail`, `sql`, `shell`."""

from pathlib import Path
from typing import Annotated

from raytrail.command_line.parameters import Argument, Option
from raytrail.commands.options import (
    ByOption,
    CaseOption,
    CsvRawOption,
    DataOption,
    ExactlyOption,
    JsonOption,
    PeriodOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    UserFromOption,
    UserOption,
    WithoutDamagedOption,
    calendar_of,
    demand_user,
    layout_of,
    read_store_settings,
)


def report(
    user: UserOption = "",
    user_from: UserFromOption = None,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
    session_minutes: Annotated[
        float | None,
        Option(help="Minutes without a request that end a session [RAYTRAIL_SESSION_MINUTES]"),
    ] = None,
    save_folder: Annotated[
        Path | None,
        Option("--save", help="Folder for the report as HTML, CSV, JSON and Parquet"),
    ] = None,
    by: ByOption = "",
    case: CaseOption = "",
    *,
    pdf: Annotated[
        bool, Option("--pdf", help="Save a PDF too; needs WeasyPrint: raytrail[pdf]")
    ] = False,
    csv_raw: CsvRawOption = False,
    exactly: ExactlyOption = False,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """Summarize the activity of one person.

    Shows totals, sessions, pages, addresses and refused requests, under every name that is known to
    be the person's.
    """
    from queries.period import parse_period
    from raytrail.commands.questions import report as reports
    from raytrail.commands.questions import report_files
    from raytrail.commands.questions.asked import Asked

    who = demand_user(user, user_from)
    settings = read_store_settings()
    gap = reports.session_gap(session_minutes, settings.session_minutes)
    layout = layout_of(settings, data)
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    asked = Asked(layout, who, span, hosts, without_damaged, exactly, linked, rules, calendar.zone)
    typed = {
        "--since": since,
        "--until": until,
        "--period": period,
        "--time-zone": time_zone,
        "--session-minutes": session_minutes,
        "--exactly": exactly,
        "--without-damaged": without_damaged,
    }
    made = reports.made(who, typed, by=by, case=case)
    saving = report_files.Saving(save_folder, is_csv_raw=csv_raw, is_pdf=pdf)
    reports.show(asked, gap, reports.Asker(made, settings.told()), saving, as_json=json)


def trail(
    user: UserOption = "",
    user_from: UserFromOption = None,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
    host: Annotated[str, Option(help="Only requests to this host")] = "",
    *,
    csv: Annotated[bool, Option("--csv", help="Print CSV")] = False,
    csv_raw: CsvRawOption = False,
    exactly: ExactlyOption = False,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """List every request of one person, oldest first.

    Rows of other names that are known to be the person's are listed too, each with its own name.
    """
    from queries.period import parse_period
    from raytrail.commands.questions import trail as trails
    from raytrail.commands.questions.asked import Asked

    who = demand_user(user, user_from)
    settings = read_store_settings()
    layout = layout_of(settings, data)
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    asked = Asked(layout, who, span, hosts, without_damaged, exactly, linked, rules, calendar.zone)
    trails.show(asked, host, trails.output(as_json=json, as_csv=csv or csv_raw), is_csv_raw=csv_raw)


def sql(
    statement: Annotated[str, Argument(help="One statement that only reads")],
    data: DataOption = None,
    *,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """Query the store in SQL.

    Takes the same statements as `raytrail shell`: `SHOW TABLES` lists the tables, and `FROM help()`
    shows views and macros with examples.
    """
    from raytrail import inference
    from raytrail.commands.questions import sql as statements

    settings = read_store_settings()
    # A wrong line of the file is told before the question is answered.
    settings.linked_names()
    layout = layout_of(settings, data)
    inference.current(layout, settings.known_access_hosts())
    statements.show(
        layout,
        statement,
        settings.template_rules(),
        settings.told(),
        as_json=json,
        is_without_damaged=without_damaged,
    )


def shell(data: DataOption = None) -> None:
    """Open the store in the DuckDB shell, read-only."""
    from raytrail.commands.questions.shell import open_shell

    open_shell(layout_of(read_store_settings(), data))
