"""`raytrail publish`: the live files as tables for other engines."""

from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Option
from raytrail.commands.options import DataOption, JsonOption, opened, read_store_settings, tell
from raytrail.progress import shown_if_slow


def publish(
    data: DataOption = None,
    *,
    withdraw: Annotated[
        bool, Option("--withdraw", help="Delete the published tables instead; no row is deleted")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Publish requests and logins as Iceberg tables for other engines.

    With RAYTRAIL_PUBLISH, the tables follow each change by themselves. A service may be running.
    """
    from publishing.publisher import Publisher
    from raytrail.commands.publishing import words

    with opened(read_store_settings(), data) as store, shown_if_slow("publishing"):
        publisher = Publisher(store=store, root=store.shell.root)
        if withdraw:
            publisher.withdraw()
            echo("the published tables are deleted")
            return
        done = publisher.publish()
    tell(words.as_object(done) if json else words.lines(done))
