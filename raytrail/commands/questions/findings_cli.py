"""`raytrail findings`: what stands out in the records of a period."""

from pathlib import Path
from typing import Annotated

import typer

from raytrail.commands.options import (
    DataOption,
    ExactlyOption,
    JsonOption,
    PeriodOption,
    ReasonOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    UserFromOption,
    UserOption,
    WithoutDamagedOption,
    calendar_of,
    folder_of,
    opened,
    read_settings,
    tell,
    user_of,
)
from raytrail.errors import CannotDo


def findings(
    context: typer.Context,
    user: UserOption = "",
    user_from: UserFromOption = None,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
    *,
    exactly: ExactlyOption = False,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """List what stands out in a period, by rules: travel, refusals, downloads, logins and more.

    Each finding names its rule and its evidence, says how sure the name is, and whether the records of
    its hours are complete. What could not be judged is on standard error.
    """
    if context.invoked_subcommand is not None:
        return
    from queries.period import parse_period
    from raytrail.commands.questions import findings as answers
    from raytrail.commands.questions.asked import Asked

    who = user_of(user, user_from)
    # Such as that of a variable of the shell that is not set.
    if not who and _is_typed(context, "user"):
        raise CannotDo("--user: this name is empty; leave the option out to ask about everybody")
    settings = read_settings()
    folder = folder_of(settings, data)
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    asked = Asked(folder, who, span, hosts, without_damaged, exactly, linked, rules, calendar.zone)
    answers.show(asked, settings.told(), as_json=json)


IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the finding")]


def acknowledge(
    context: typer.Context,
    finding: IdArgument,
    reason: ReasonOption,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
) -> None:
    """Note that a finding was looked at, and why it needs no more.

    It is looked for in the period, by default in all records: give the one in which it was listed. It is
    still listed, with the reason and the account that ran this. The reason must not name the person: an
    erasure cannot remove it from the ledger.
    """
    from queries.period import parse_period
    from raytrail.commands.questions import acknowledged
    from raytrail.commands.questions import findings as answers
    from raytrail.commands.questions.asked import Asked

    acknowledged.demand_words(finding, reason)
    settings = read_settings()
    folder = folder_of(settings, _data(context, data))
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    # A finding of files that can be read may be acknowledged.
    asked = Asked(folder, "", span, hosts, True, False, linked, rules, calendar.zone)
    found = answers.demand(asked, settings.told(), finding)
    with opened(settings, folder) as store:
        tell([acknowledged.acknowledge(store, found, reason)])


def withdraw(context: typer.Context, finding: IdArgument, data: DataOption = None) -> None:
    """Withdraw the acknowledgement of a finding; the ledger keeps both."""
    from raytrail.commands.questions import acknowledged

    with opened(read_settings(), _data(context, data)) as store:
        tell([acknowledged.withdraw(store, finding)])


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _data(context: typer.Context, data: Path | None) -> Path | None:
    """`findings --data X acknowledge` and `findings acknowledge --data X` are the same."""
    return data or (context.parent.params.get("data") if context.parent else None)
