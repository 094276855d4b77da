"""Commands about one person's data: `raytrail hold` protects rows, `raytrail erase` erases them."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Argument, Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    ReasonOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    UserFromOption,
    UserOption,
    calendar_of,
    name_in,
    opened,
    read_store_settings,
    tell,
    tell_rows,
    user_of,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow
from store.lifetimes import DAYS_MAX, KEEP_OUT_DAYS


def hold_add(
    reason: ReasonOption,
    data: DataOption = None,
    user: UserOption = "",
    user_from: UserFromOption = None,
    host: Annotated[
        str, Option("--host", help="Host name without a port; case does not matter")
    ] = "",
    since: SinceOption = "",
    until: UntilOption = "",
    time_zone: TimeZoneOption = "",
    *,
    exactly: Annotated[
        bool,
        Option(
            "--exactly",
            help="Cover only this spelling of the name, because another one is somebody else's",
        ),
    ] = False,
    nothing_yet: Annotated[
        bool, Option("--nothing-yet", help="Add it although no row matches today")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Add a hold on rows that match all given options, also on rows that arrive later.

    Neither retention nor erasure removes these rows. The number of rows that match today is shown.
    A hold on a user covers every spelling of the name that differs only in letter case, outer space
    or Unicode form.
    """
    from queries.period import parse_period
    from raytrail.commands.upkeep import holds

    who = user_of(user, user_from)
    settings = read_store_settings()
    period = parse_period(since, until, calendar_of(settings, time_zone))
    wanted = holds.criteria(user=who, host=host, period=period, is_exact=exactly)
    linked = settings.linked_names()
    with opened(settings, data) as store, shown_if_slow("counting rows"):
        added = holds.add(store, wanted, reason, linked, is_for_later=nothing_yet)
    if json:
        tell_rows([holds.new_object(added)])
    else:
        echo(added.hold.id)
        for line in (holds.coverage_line(added), *holds.name_lines(added)):
            echo(line, err=True)


def hold_list(data: DataOption = None, *, json: JsonOption = False) -> None:
    """List all holds, including released ones."""
    from raytrail.commands.upkeep import holds

    with opened(read_store_settings(), data) as store:
        found = holds.listed(store)
    if json:
        tell_rows(holds.as_object(hold) for hold in found)
    else:
        tell(holds.lines(found))


def hold_release(
    hold_id: Annotated[str, Argument(metavar="ID", help="Id of the hold; see `hold list`")],
    reason: ReasonOption,
    data: DataOption = None,
) -> None:
    """Release a hold.

    The next retention run may remove the rows it kept.
    """
    from raytrail.commands.upkeep import holds

    with opened(read_store_settings(), data) as store:
        hold = holds.release(store, hold_id, reason)
    echo(f"released {hold.id}")


def erase(
    user: Annotated[
        list[str] | None,
        Option("--user", help="User name exactly as logged; give it for each name"),
    ] = None,
    user_from: Annotated[
        list[Path] | None,
        Option(
            "--user-from",
            metavar="FILE",
            help="File whose whole content is a user name, for one with NUL or a line break;"
            " one line feed at its end is dropped",
        ),
    ] = None,
    data: DataOption = None,
    not_this_person: Annotated[
        list[str] | None,
        Option(
            "--not-this-person",
            metavar="NAME",
            help="Record that this spelling of the name is somebody else's",
        ),
    ] = None,
    reason: Annotated[
        str,
        Option(help="Reason; stored in the ledger permanently, so do not name the person"),
    ] = "",
    yes_remove: Annotated[
        int | None,
        Option(help="Confirm the exact count that was found", metavar="COUNT"),
    ] = None,
    keep_out: Annotated[
        int,
        Option(
            "--keep-out",
            least=0,
            most=DAYS_MAX,
            metavar="DAYS",
            help="Days during which records from before the erasure are not loaded; 0 for none",
        ),
    ] = KEEP_OUT_DAYS,
    *,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Show what would be erased; change nothing")
    ] = False,
    check: Annotated[
        bool, Option("--check", help="Only search for data of this person that is left")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Erase all data of one person, permanently.

    Without --yes-remove it counts the person's rows, rejected lines and bodies, and erases nothing.
    The status is 1 while other spellings of the name (letter case, outer space, Unicode form) have
    rows.
    """
    from queries.identity.person import MAPPED
    from raytrail.commands.people import other_names
    from raytrail.commands.upkeep import erase_request, erase_request_words
    from raytrail.commands.upkeep.erasure import Consent

    if check and dry_run:
        raise CannotDo("--check and --dry-run cannot be combined: neither changes anything")
    users = [*(user or ()), *map(name_in, user_from or ())]
    request = erase_request.EraseRequest.of(users, not_this_person or ())
    given = Consent(reason=reason, count=yes_remove, keep_out_days=keep_out)
    settings = read_store_settings()
    linked = settings.linked_names()
    with opened(settings, data) as store, shown_if_slow("searching the store"):
        # Before the erasure, which forgets the links.
        mapped = other_names.other_names(store, request.users, linked, MAPPED)
        if check:
            found = erase_request.check(store, request)
        elif dry_run:
            found = erase_request.trial(store, request)
        else:
            found = erase_request.run(store, request, given, _tell_salt)
    found = replace(found, mapped_names=mapped)
    words = erase_request_words
    tell(words.as_object(found, request) if json else words.lines(found))
    if found.refusal:
        raise CannotDo(found.refusal)
    sys.exit(FOUND_SOMETHING_WRONG if found.is_wrong else FINE)


def _tell_salt(salt: str) -> None:
    """Called before the irreversible step: if the process died after it, the salt would be lost."""
    echo(f"salt of the receipt; shown once and stored nowhere: {salt}", err=True)
