"""`raytrail erasures`: the erasures of a store, and those that a restored store waits for."""

from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Option
from raytrail.commands.options import (
    DataOption,
    ReasonOption,
    opened,
    read_store_settings,
    tell,
)


def erasures_list(
    data: DataOption = None,
    *,
    waiting: Annotated[
        bool,
        Option("--waiting", help="List only those that a restored store waits for"),
    ] = False,
) -> None:
    """Print the list of erasures as JSON, without names, for `raytrail restore --erasures FILE`."""
    from dataclasses import asdict

    from store.backup import erasure_list, unresolved

    with opened(read_store_settings(), data) as store:
        if waiting:
            tell(asdict(unresolved.read(store.layout)))
        else:
            echo(erasure_list.as_json(erasure_list.of_store(store.catalog)).decode())


def erasures_accept(reason: ReasonOption, data: DataOption = None) -> None:
    """Accept that a restored store has what later erasures had erased.

    The service can start then. Erase each person again instead, if you know the name.
    """
    from raytrail.commands.plurals import counted
    from store.backup import unresolved

    with opened(read_store_settings(), data) as store:
        accepted = unresolved.accept(store, reason)
    echo(f"accepted: {counted(accepted, 'erasure')}; the ledger has the reason")
