"""Commands for files in `stray/`: finished files that the catalog does not know."""

from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Argument
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    ReasonOption,
    opened,
    read_store_settings,
    tell_rows,
)


def stray_list(data: DataOption = None, *, json: JsonOption = False) -> None:
    """List the files in stray/: what they are, and where they were.

    A file that belongs to the store is put back by moving it to its former path.
    """
    from raytrail.commands.upkeep import strays as words
    from store import strays

    with opened(read_store_settings(), data) as store:
        for each in strays.listed(store):
            if json:
                tell_rows([words.as_object(each)])
            else:
                for line in words.lines(each):
                    echo(line)


def stray_drop(
    stray_id: Annotated[str, Argument(metavar="ID", help="Id of the file; see `stray list`")],
    reason: ReasonOption,
    data: DataOption = None,
) -> None:
    """Delete a file in stray/, permanently.

    The ledger keeps what it was and the reason.
    """
    from raytrail.errors import CannotDo
    from store import strays

    if not reason.strip():
        raise CannotDo("--reason: give a reason for the ledger; it is stored permanently")
    with opened(read_store_settings(), data) as store:
        found = strays.drop(store, stray_id, reason)
    echo(f"deleted {found.file.id}")
