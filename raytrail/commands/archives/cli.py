"""Filling gaps: archives that lie elsewhere, and what Cloudflare still keeps."""

import logging
from typing import Annotated

import typer

from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    UntilOption,
    folder_of,
    opened,
    tell,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow
from raytrail.service import log
from raytrail.settings import Settings
from store.store import Store
from store.timestamps import system_clock


def import_archives(
    places: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, or s3://bucket/prefix")
    ],
    data: DataOption = None,
    dataset: Annotated[
        str, typer.Option(help="Of all the files; else told by folder or records")
    ] = "",
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Read files that were imported before, too")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what there is; change nothing")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Import archives of Logpush: what is in the store already stays once."""
    from archives import import_run
    from raytrail.commands.archives import import_words

    settings = Settings.read()
    request = import_run.import_request(places, settings.bucket_options(), dataset, is_again=again)
    logger = log.configure("import", logging.WARNING)
    folder, limits = folder_of(settings, data), settings.intake_limits()
    # As for `serve`, whatever is missing is made; but nothing by a trial.
    open_store = Store.open if dry_run else Store.create
    with (
        open_store(folder, system_clock, limits) as store,
        shown_if_slow("looking at the archive") as update,
    ):
        if dry_run:
            planned = import_run.plan(store, request)
            told = import_words.plan_object(planned) if json else import_words.plan_lines(planned)
            is_wrong = False
        else:
            done = import_run.run(store, request, logger, update)
            told = import_words.as_object(done) if json else import_words.lines(done)
            is_wrong = bool(done.damaged)
    tell(told)
    raise typer.Exit(FOUND_SOMETHING_WRONG if is_wrong else FINE)


def backfill(
    zone: Annotated[str, typer.Option(help="The zone's name or id")],
    since: SinceOption,
    until: UntilOption = "",
    data: DataOption = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Ask for times that were asked for before, too")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Fill gaps with what Cloudflare still keeps of a zone; what is held stays once."""
    from archives import backfill as backfilling
    from queries.period import parse_period
    from raytrail.commands.archives import backfill_words

    settings = Settings.read()
    options = settings.api_options()
    period = parse_period(since, until)
    if period.since is None:
        raise CannotDo("--since: from when on? Logpull keeps seven days")
    request = backfilling.BackfillRequest(
        zone=zone, since=period.since, until=period.until, is_again=again
    )
    logger = log.configure("backfill", logging.WARNING)
    with opened(settings, data) as store, shown_if_slow("asking Cloudflare") as update:
        done = backfilling.run(store, request, options, logger, update)
    tell(backfill_words.as_object(done) if json else backfill_words.lines(done))
