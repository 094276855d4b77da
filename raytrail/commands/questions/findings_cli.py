"""`raytrail findings`: what stands out in the records of a period."""

from typing import Annotated

from raytrail.command_line.parameters import Argument
from raytrail.commands.options import (
    DataOption,
    ExactlyOption,
    JsonOption,
    MaybeUserOption,
    PeriodOption,
    ReasonOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    UserFromOption,
    WithoutDamagedOption,
    calendar_of,
    layout_of,
    opened,
    read_store_settings,
    tell,
    user_of,
)
from raytrail.errors import CannotDo


def findings(
    user: MaybeUserOption = None,
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
    from queries.period import parse_period
    from raytrail.commands.questions import findings as answers
    from raytrail.commands.questions.asked import Asked

    who = user_of(user or "", user_from)
    # Such as that of a variable of the shell that is not set.
    if not who and user is not None:
        raise CannotDo("--user: this name is empty; leave the option out to ask about everybody")
    settings = read_store_settings()
    layout = layout_of(settings, data)
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    asked = Asked(layout, who, span, hosts, without_damaged, exactly, linked, rules, calendar.zone)
    answers.show(asked, settings.told(), as_json=json)


IdArgument = Annotated[str, Argument(metavar="ID", help="Id of the finding")]


def acknowledge(
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
    settings = read_store_settings()
    layout = layout_of(settings, data)
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    # A finding of files that can be read may be acknowledged.
    asked = Asked(layout, "", span, hosts, True, False, linked, rules, calendar.zone)
    found = answers.demand(asked, settings.told(), finding)
    with opened(settings, data) as store:
        tell([acknowledged.acknowledge(store, found, reason)])


def withdraw(finding: IdArgument, data: DataOption = None) -> None:
    """Withdraw the acknowledgement of a finding; the ledger keeps both."""
    from raytrail.commands.questions import acknowledged

    with opened(read_store_settings(), data) as store:
        tell([acknowledged.withdraw(store, finding)])
