"""`raytrail people`: which names belong to one person."""

from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Argument
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    WithoutDamagedOption,
    layout_of,
    opened,
    read_store_settings,
    tell,
    tell_rows,
)
from raytrail.progress import shown_if_slow

NameArgument = Annotated[str, Argument(metavar="NAME", help="User name exactly as logged")]
OtherArgument = Annotated[str, Argument(metavar="OTHER", help="Another user name")]


def people(
    data: DataOption = None,
    *,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """List everybody with requests or logins, and which names belong to one person.

    A name is followed by its other spellings and by the names that are mapped to it, each with its
    grade and evidence. People with logins come first, then the busiest.
    """
    from raytrail.commands.people import listing

    settings = read_store_settings()
    layout, linked = layout_of(settings, data), settings.linked_names()
    hosts = settings.known_access_hosts()
    with shown_if_slow("reading the store"):
        found = listing.find(layout, linked, hosts, is_without_damaged=without_damaged)
    if json:
        tell_rows(listing.objects(found))
    else:
        tell(listing.lines(found))
    if left_out := listing.left_out(found):
        echo(left_out, err=True)


def link(
    name: NameArgument, other: OtherArgument, data: DataOption = None, *, json: JsonOption = False
) -> None:
    """Say that two names are one person's.

    Reports, trails and lists then have the rows of both. It is kept until `people unlink`, or until
    one of the names is erased. The ledger has no name of it.
    """
    from raytrail.commands.people import links

    settings = read_store_settings()
    with opened(settings, data) as store:
        said = links.link(store, name, other)
        links.publish(store, said)
    tell(links.as_object(said) if json else links.lines(said))


def unlink(
    name: NameArgument, other: OtherArgument, data: DataOption = None, *, json: JsonOption = False
) -> None:
    """Say that two names are not one person's.

    Neither equal spelling nor logins nor RAYTRAIL_PEOPLE map them to each other then.
    """
    from raytrail.commands.people import links

    settings = read_store_settings()
    with opened(settings, data) as store:
        said = links.unlink(store, name, other)
        links.publish(store, said)
    tell(links.as_object(said) if json else links.lines(said))
