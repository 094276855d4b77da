"""`raytrail setup`: configures Logpush."""

import sys
from typing import Annotated

from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    layout_of,
    read_settings,
    tell,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo, demand_all


def setup(
    data: DataOption = None,
    zone: Annotated[
        list[str] | None,
        Option(help="Zone name or id; repeatable [RAYTRAIL_CLOUDFLARE_ZONES]"),
    ] = None,
    account: Annotated[
        str, Option(help="Account name or id [RAYTRAIL_CLOUDFLARE_ACCOUNT, or the zone's]")
    ] = "",
    public_url: Annotated[
        str, Option(help="URL at which Cloudflare reaches this service [RAYTRAIL_PUBLIC_URL]")
    ] = "",
    dataset: Annotated[list[str] | None, Option(help="Only this dataset; repeatable [all]")] = None,
    *,
    dry_run: Annotated[bool, Option("--dry-run", help="Print the plan; change nothing")] = False,
    terraform: Annotated[
        bool,
        Option("--terraform", help="Print the plan as Terraform code; do not change Cloudflare"),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Configure Cloudflare to send its logs to this service.

    Creates or corrects the Logpush jobs and the headers that are logged, with the Access user.
    """
    from raytrail.commands.setup import setup as setting_up
    from raytrail.commands.setup import words
    from store.store import Store
    from store.timestamps import system_clock
    from upstream.logpush.terraform import configuration

    if terraform and json:
        raise CannotDo("--terraform and --json cannot be combined: choose one")
    settings = read_settings()
    layout = layout_of(settings, data)
    folder = layout.root
    wish = setting_up.Wish(
        zones=tuple(zone or settings.zones()),
        account=account or settings.cloudflare_account,
        public_url=public_url or settings.public_url,
        datasets=setting_up.chosen(dataset),
    )
    demand_all(settings.api_options, wish.demand_complete)
    run = setting_up.SettingUp(
        options=settings.api_options(),
        wish=wish,
        make_token=setting_up.fresh_token,
        settings_tokens=settings.ingest_tokens(),
        tell=lambda line: None if json else echo(line),
    )
    if terraform:
        found = run.trial(folder)
        if not dry_run:
            with Store.create(layout, system_clock, settings.intake_limits()) as store:
                run.keep_token(store)
        echo(configuration(found), nl=False)
        echo(words.terraform_line(folder), err=True)
        sys.exit(FOUND_SOMETHING_WRONG if found.lacks_something_needed else FINE)
    if dry_run:
        found = run.trial(folder)
        done = setting_up.Done(found, (), found.withheld)
        for line in words.lines(found):
            run.tell(line)
    else:
        with Store.create(layout, system_clock, settings.intake_limits()) as store:
            done = run.run(store)
        for line in words.last_lines(folder) if done.applied else ():
            run.tell(line)
    if json:
        tell(words.as_object(done.plan, done.applied, done.withheld, is_trial=dry_run))
    sys.exit(FOUND_SOMETHING_WRONG if done.is_wrong else FINE)
