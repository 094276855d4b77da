"""Telling Cloudflare what to send here."""

from typing import Annotated

import typer

from raytrail.commands.options import DataOption, JsonOption, folder_of, tell
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.settings import Settings
from store.store import Store
from store.timestamps import system_clock


def setup(
    data: DataOption = None,
    zone: Annotated[
        list[str] | None,
        typer.Option(help="Name or id, more than once if need be [RAYTRAIL_CLOUDFLARE_ZONES]"),
    ] = None,
    account: Annotated[
        str, typer.Option(help="Name or id, else the zone's [RAYTRAIL_CLOUDFLARE_ACCOUNT]")
    ] = "",
    public_url: Annotated[
        str, typer.Option(help="Where Cloudflare reaches the service [RAYTRAIL_PUBLIC_URL]")
    ] = "",
    dataset: Annotated[
        list[str] | None, typer.Option(help="Only this dataset; more than once if need be")
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan; change nothing")
    ] = False,
    terraform: Annotated[
        bool, typer.Option("--terraform", help="Print the plan as Terraform; change nothing there")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make Cloudflare send every record here, with the Access user in it."""
    from raytrail.commands.setup import setup as setting_up
    from raytrail.commands.setup import words
    from upstream.logpush.terraform import configuration

    if terraform and json:
        raise CannotDo("--terraform and --json are two ways out; choose one")
    settings = Settings.read()
    folder = folder_of(settings, data)
    run = setting_up.SettingUp(
        options=settings.api_options(),
        wish=setting_up.Wish(
            zones=tuple(zone or settings.zones()),
            account=account or settings.cloudflare_account,
            public_url=public_url or settings.public_url,
            datasets=setting_up.chosen(dataset),
        ),
        make_token=setting_up.fresh_token,
        settings_tokens=settings.ingest_tokens(),
        tell=lambda line: None if json else typer.echo(line),
    )
    if terraform:
        found = run.trial(folder)
        if not dry_run:
            with Store.create(folder, system_clock, settings.intake_limits()) as store:
                run.keep_token(store)
        typer.echo(configuration(found), nl=False)
        typer.echo(words.terraform_line(folder), err=True)
        raise typer.Exit(FOUND_SOMETHING_WRONG if found.lacks_something_needed else FINE)
    if dry_run:
        found = run.trial(folder)
        done = setting_up.Done(found, (), found.withheld)
        for line in words.lines(found):
            run.tell(line)
    else:
        with Store.create(folder, system_clock, settings.intake_limits()) as store:
            done = run.run(store)
        for line in words.last_lines(folder) if done.applied else ():
            run.tell(line)
    if json:
        tell(words.as_object(done.plan, done.applied, done.withheld, is_trial=dry_run))
    raise typer.Exit(FOUND_SOMETHING_WRONG if done.is_wrong else FINE)
