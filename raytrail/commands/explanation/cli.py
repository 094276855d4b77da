"""Commands that explain: `raytrail explain`."""

from typing import Annotated

import typer

from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    UntilOption,
    WithoutDamagedOption,
    folder_of,
    read_settings,
)

AccountOption = Annotated[
    str, typer.Option("--account", help="Account name or id [RAYTRAIL_CLOUDFLARE_ACCOUNT]")
]


def explain(
    ray_id: Annotated[
        str,
        typer.Argument(
            metavar="RAYID", help="Ray ID from the page of a refusal, the header CF-Ray, or a log"
        ),
    ],
    data: DataOption = None,
    account: AccountOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    *,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """Explain one request: who sent it, with which login, and why it was answered as it was.

    Names every record with the Ray ID, and the sources that are missing. Asks Cloudflare for its
    login event if an API token is set and the store has none.
    """
    from queries.explanation.explain import parse_ray_id
    from queries.period import parse_period
    from raytrail.commands.explanation.explain import Asked, show

    settings = read_settings()
    asked = Asked(
        folder_of(settings, data),
        parse_ray_id(ray_id),
        parse_period(since, until),
        settings.known_access_hosts(),
        without_damaged,
    )
    show(asked, settings, account or settings.cloudflare_account, as_json=json)
