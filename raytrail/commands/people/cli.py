"""`raytrail people`: which names belong to one person."""

from typing import Annotated

import typer

from raytrail.commands.options import DataOption, JsonOption, opened, read_settings, tell

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="User name exactly as logged")]
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", help="Another user name")]


def link(
    name: NameArgument, other: OtherArgument, data: DataOption = None, *, json: JsonOption = False
) -> None:
    """Say that two names are one person's.

    Reports, trails and lists then have the rows of both. It is kept until `people unlink`, or until
    one of the names is erased. The ledger has no name of it.
    """
    from raytrail.commands.people import links

    settings = read_settings()
    with opened(settings, data) as store:
        said = links.link(store, name, other)
    tell(links.as_object(said) if json else links.lines(said))


def unlink(
    name: NameArgument, other: OtherArgument, data: DataOption = None, *, json: JsonOption = False
) -> None:
    """Say that two names are not one person's.

    Neither equal spelling nor logins nor RAYTRAIL_PEOPLE map them to each other then.
    """
    from raytrail.commands.people import links

    settings = read_settings()
    with opened(settings, data) as store:
        said = links.unlink(store, name, other)
    tell(links.as_object(said) if json else links.lines(said))
