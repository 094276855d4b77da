"""Commands about one person's data: `raytrail hold` protects rows, `raytrail erase` erases them."""

from typing import Annotated

import typer

from raytrail.commands.options import (
    DataOption,
    JsonOption,
    ReasonOption,
    SinceOption,
    UntilOption,
    UserOption,
    opened,
    read_settings,
    tell,
    tell_rows,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow
from store.lifetimes import DAYS_MAX, KEEP_OUT_DAYS


def hold_add(
    reason: ReasonOption,
    data: DataOption = None,
    user: Annotated[str, typer.Option("--user", help="User name exactly as logged")] = "",
    host: Annotated[
        str, typer.Option("--host", help="Host name without a port; case does not matter")
    ] = "",
    since: SinceOption = "",
    until: UntilOption = "",
    *,
    nothing_yet: Annotated[
        bool, typer.Option("--nothing-yet", help="Add it although no row matches today")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Add a hold on rows that match all given options, also on rows that arrive later.

    Neither retention nor erasure removes these rows. The number of rows that match today is shown.
    """
    from raytrail.commands.upkeep import holds

    wanted = holds.criteria(user=user, host=host, since=since, until=until)
    with opened(read_settings(), data) as store, shown_if_slow("counting rows"):
        added = holds.add(store, wanted, reason, is_for_later=nothing_yet)
    if json:
        tell_rows([holds.new_object(added)])
    else:
        typer.echo(added.hold.id)
        typer.echo(holds.coverage_line(added), err=True)


def hold_list(data: DataOption = None, *, json: JsonOption = False) -> None:
    """List all holds, including released ones."""
    from raytrail.commands.upkeep import holds

    with opened(read_settings(), data) as store:
        found = holds.listed(store)
    if json:
        tell_rows(holds.as_object(hold) for hold in found)
    else:
        tell(holds.lines(found))


def hold_release(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the hold; see `hold list`")],
    reason: ReasonOption,
    data: DataOption = None,
) -> None:
    """Release a hold.

    The next retention run may remove the rows it kept.
    """
    from raytrail.commands.upkeep import holds

    with opened(read_settings(), data) as store:
        hold = holds.release(store, hold_id, reason)
    typer.echo(f"released {hold.id}")


def erase(
    user: UserOption,
    data: DataOption = None,
    reason: Annotated[
        str,
        typer.Option(help="Reason; stored in the ledger permanently, so do not name the person"),
    ] = "",
    yes_remove: Annotated[
        int | None,
        typer.Option(help="Confirm the exact count that was found", metavar="COUNT"),
    ] = None,
    keep_out: Annotated[
        int,
        typer.Option(
            "--keep-out",
            min=0,
            max=DAYS_MAX,
            metavar="DAYS",
            help="Days during which records from before the erasure are not loaded; 0 for none",
        ),
    ] = KEEP_OUT_DAYS,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be erased; change nothing")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only search for data of this person that is left")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Erase all data of one person, permanently.

    Without --yes-remove it counts the person's rows, rejected lines and bodies, and erases nothing.
    """
    from secrets import token_bytes

    from raytrail.commands.upkeep import erasure, erasure_words
    from store.erasure.receipts import SALT_BYTES

    if check and dry_run:
        raise CannotDo("--check and --dry-run cannot be combined: neither changes anything")
    person = erasure.identifier(user)
    with opened(read_settings(), data) as store, shown_if_slow("searching the store"):
        if check:
            found = erasure.check(store, person)
        elif dry_run:
            found = erasure.trial(store, person)
        else:
            given = erasure.Consent(reason=reason, count=yes_remove, keep_out_days=keep_out)
            salt = token_bytes(SALT_BYTES)
            wanted = erasure.erasure(store, person, given, salt, _tell_salt)
            found = erasure.run(wanted, given)
    tell(erasure_words.as_object(found, person) if json else erasure_words.lines(found))
    if found.refusal:
        raise CannotDo(found.refusal)
    raise typer.Exit(FOUND_SOMETHING_WRONG if found.is_wrong else FINE)


def _tell_salt(salt: str) -> None:
    """Called before the irreversible step: if the process died after it, the salt would be lost."""
    typer.echo(f"salt of the receipt; shown once and stored nowhere: {salt}", err=True)
