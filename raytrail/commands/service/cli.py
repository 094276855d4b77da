"""Commands that receive and load: `serve`, `load`, `compact`, `status`, `replay`, `reassign`."""

import sys
from typing import TYPE_CHECKING, Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    layout_of,
    opened,
    read_store_settings,
    tell,
)
from raytrail.commands.plurals import counted
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, demand_all
from raytrail.progress import shown_if_slow

if TYPE_CHECKING:
    from raytrail.commands.publishing.words import Publication
    from store.store import Store


def serve(
    data: DataOption = None,
    host: Annotated[str | None, Option(help="Address to listen on [RAYTRAIL_HOST]")] = None,
    port: Annotated[
        int | None, Option(help="Port to listen on; 0 picks a free one [RAYTRAIL_PORT]")
    ] = None,
) -> None:
    """Receive batches from Logpush and load them, until stopped."""
    from raytrail.service import companions, log
    from raytrail.service.opening import open_or_rebuild
    from raytrail.service.supervisor import Service
    from raytrail.settings import TOKEN_CHARACTERS_GOOD, Settings
    from store.timestamps import system_clock

    settings = Settings.read_for_service()
    layout = layout_of(settings, data)
    wanted = list[str]()
    # Reports every problem with the settings before the start.
    demand_all(
        lambda: settings.receiver_options(layout.root),
        lambda: wanted.extend(companions.wanted(settings)),
    )
    logger = log.configure("serve")
    unknown = Settings.unknown_names()
    for problem in unknown:
        logger.warning("unknown setting", problem=problem)
    wrong = settings.wrong_files()
    for problem in wrong:
        logger.error("wrong setting", problem=problem)
    if settings.has_weak_token():
        logger.warning("a token is short", characters_wanted=TOKEN_CHARACTERS_GOOD)
    with open_or_rebuild(layout, system_clock, settings.intake_limits(), logger) as store:
        service = Service(store, settings.workers, logger, tuple(wanted), (*unknown, *wrong))
        status = service.run(host or settings.host, settings.port if port is None else port)
    sys.exit(status)


def load(data: DataOption = None) -> None:
    """Load waiting batches once, when no service is running."""
    from queries.shell_content import SHELL_CONTENT
    from raytrail.service import log
    from store.files import durable
    from store.live_loading import LiveLoading

    with opened(read_store_settings(), data) as store:
        store.recover()
        with durable.lock(store.layout.loader_lock) as alone:
            if not alone:
                echo("a loader is already running")
                return
            with shown_if_slow("loading"):
                loading = LiveLoading(store, log.configure("load"), SHELL_CONTENT)
                loaded = loading.until_drained()
    echo(f"{counted(loaded, 'batch')} loaded")


def compact(
    data: DataOption = None,
    *,
    rewrite: Annotated[
        bool, Option("--rewrite", help="Also rewrite files of an older format")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Merge small Parquet files into day and month files.

    `serve` does this in the background.
    """
    from raytrail.commands.service import compaction
    from store.compaction import older_formats

    with opened(read_store_settings(), data) as store, shown_if_slow("compacting"):
        done = compaction.run(store, is_rewriting=rewrite)
        formats = older_formats.count_formats(store.catalog)
    if done is None:
        echo("a compaction is already running", err=True)
        return
    tell(compaction.as_object(done, formats) if json else compaction.lines(done, formats))
    sys.exit(FOUND_SOMETHING_WRONG if compaction.is_wrong(done) else FINE)


def status(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Show what the store holds and how many batches wait."""
    from raytrail import decoder
    from raytrail.commands.service import status as words
    from store.compaction import progress

    with opened(read_store_settings(), data) as store:
        found, at_work = store.status(), progress.read(store.layout)
        degraded, tables = store.degraded(), _published(store)
    show = words.as_object if json else words.lines
    tell(show(found, decoder.running(), at_work, degraded, tables))


def _published(store: "Store") -> "Publication | None":
    if not store.layout.published.exists():
        return None
    from raytrail.commands.publishing import words

    return words.of_store(store, store.shell.root)


def replay(
    data: DataOption = None,
    dataset: Annotated[str, Option(help="Only this dataset")] = "",
    batch: Annotated[
        str, Option(help="Only the batch with this id, or its first 8 digits or more")
    ] = "",
    since: Annotated[str, Option(help="Only batches received on this day or later")] = "",
    until: Annotated[str, Option(help="Only batches received on this day or earlier")] = "",
    *,
    rejected: Annotated[
        bool, Option("--rejected", help="Only batches with rejected lines, or unread ones")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Decode and count; change nothing")] = False,
    json: JsonOption = False,
) -> None:
    """Decode stored batches again, for example after an upgrade.

    A service may be running.
    """
    from raytrail.commands.service import replay as words

    wanted = words.selection(
        dataset=dataset, batch=batch, since=since, until=until, only_rejected=rejected
    )
    with opened(read_store_settings(), data) as store, shown_if_slow("decoding again"):
        done = words.run(store, wanted, is_trial=dry_run)
    tell((words.as_object if json else words.lines)(done, is_trial=dry_run))
    sys.exit(FOUND_SOMETHING_WRONG if words.is_wrong(done) else FINE)


def reassign(
    dataset: Annotated[str, Option(help="The dataset that the records belong to")],
    data: DataOption = None,
    batch: Annotated[
        str, Option(help="The batch with this id, or its first 8 digits or more")
    ] = "",
    sent_to: Annotated[
        str,
        Option("--from", help="All batches sent to this name that look like the dataset"),
    ] = "",
    *,
    dry_run: Annotated[bool, Option("--dry-run", help="Decode and count; change nothing")] = False,
    json: JsonOption = False,
) -> None:
    """Move batches that came under a wrong name to their dataset.

    A service may be running. Correct the URL of the Logpush job first.
    """
    from raytrail.commands.service import reassign as words
    from raytrail.commands.service import replay as replaying

    wanted = words.selection(batch=batch, sent_to=sent_to, dataset=dataset)
    with opened(read_store_settings(), data) as store, shown_if_slow("decoding again"):
        words.demand_dataset(store, dataset)
        done = words.run(store, wanted, dataset, is_trial=dry_run)
    tell((replaying.as_object if json else words.lines)(done, is_trial=dry_run))
    sys.exit(FOUND_SOMETHING_WRONG if replaying.is_wrong(done) else FINE)
