"""`raytrail findings`: what stands out in the records of a period."""

import typer

from raytrail.commands.options import (
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
    folder_of,
    read_settings,
    user_of,
)


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
    settings = read_settings()
    folder = folder_of(settings, data)
    hosts = settings.known_access_hosts()
    linked, rules = settings.linked_names(), settings.template_rules()
    calendar = calendar_of(settings, time_zone)
    span = parse_period(since, until, calendar, period=period)
    asked = Asked(folder, who, span, hosts, without_damaged, exactly, linked, rules, calendar.zone)
    answers.show(asked, settings.told(), as_json=json)
