"""Receiving and loading: what makes rows of batches."""

from typing import Annotated

import orjson
import typer

from raytrail.commands.options import DataOption, JsonOption, folder_of, opened, tell
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG
from raytrail.progress import shown_if_slow
from raytrail.service import log
from raytrail.settings import Settings
from store.files import durable
from store.store import Store
from store.timestamps import system_clock


def serve(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address [RAYTRAIL_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port, 0 = free [RAYTRAIL_PORT]")] = None,
) -> None:
    """Receive batches and load them, until told to stop."""
    from raytrail.service import companions as companion
    from raytrail.service.supervisor import Service

    settings = Settings.read()
    folder = folder_of(settings, data)
    settings.receiver_options(folder)  # All that is wrong with the tokens is told before we begin.
    companions = companion.wanted(settings)
    logger = log.configure("serve")
    if settings.has_weak_token():
        logger.warning("a token is short; 32 letters or more cannot be guessed")
    with Store.create(folder, system_clock, settings.intake_limits()) as store:
        service = Service(store, settings.workers, logger, companions)
        status = service.run(host or settings.host, settings.port if port is None else port)
    raise typer.Exit(status)


def load(data: DataOption = None) -> None:
    """Load what was received, once, where no service runs."""
    from queries.definitions import shell_statements
    from store.live_loading import LiveLoading

    settings = Settings.read()
    with opened(settings, data) as store:
        store.recover()
        with durable.lock(store.layout.loader_lock) as alone:
            if not alone:
                typer.echo("a loader is at work already")
                return
            with shown_if_slow("loading"):
                loading = LiveLoading(store, log.configure("load"), shell_statements())
                loaded = loading.until_drained()
    typer.echo(f"{loaded} batches loaded")


def compact(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Merge small parts into day and month files now; `serve` does it by itself."""
    from raytrail.service import compactor

    with opened(Settings.read(), data) as store, shown_if_slow("compacting"):
        done = compactor.once(store)
    if done is None:
        typer.echo("a compaction is running already", err=True)
        return
    if json:
        typer.echo(orjson.dumps(compactor.as_object(done), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in compactor.lines(done):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if compactor.is_wrong(done) else FINE)


def status(data: DataOption = None, *, json: JsonOption = False) -> None:
    """What the store holds and how far behind it is."""
    from raytrail import decoder
    from raytrail.commands.service import status as shown
    from store.compaction import progress

    with opened(Settings.read(), data) as store:
        found, at_work = store.status(), progress.read(store.layout)
    if json:
        facts = shown.as_object(found, decoder.running(), at_work)
        tell(facts)
        return
    for line in shown.lines(found, decoder.running(), at_work):
        typer.echo(line)


def replay(
    data: DataOption = None,
    dataset: Annotated[str, typer.Option(help="Only this dataset")] = "",
    batch: Annotated[str, typer.Option(help="Only the batch of this id, or its start")] = "",
    since: Annotated[str, typer.Option(help="Only batches received on this day or later")] = "",
    until: Annotated[str, typer.Option(help="Only batches received on this day or before")] = "",
    *,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Only batches with rejected lines, or unread")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decode and count; change nothing")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Decode kept batches again, as after an upgrade; may run beside a service."""
    from raytrail.commands.service import replay as replaying

    wanted = replaying.selection(
        dataset=dataset, batch=batch, since=since, until=until, only_rejected=rejected
    )
    with opened(Settings.read(), data) as store, shown_if_slow("decoding again"):
        done = replaying.run(store, wanted, is_trial=dry_run)
    if json:
        facts = replaying.as_object(done, is_trial=dry_run)
        tell(facts)
    else:
        for line in replaying.lines(done, is_trial=dry_run):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if replaying.is_wrong(done) else FINE)
