"""For whoever sets Raytrail up: what is wrong, and what it looks like when it works."""

from pathlib import Path

import orjson
import typer

from raytrail.commands.options import DataOption, JsonOption, folder_of
from raytrail.commands.questions import cli
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG
from raytrail.settings import Settings
from store.timestamps import system_clock


def doctor(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Look for what needs somebody, and say what helps."""
    from raytrail import decoder
    from raytrail.doctor import checks as examiner
    from raytrail.doctor import tokens, upkeep

    settings = Settings.read()
    folder, limits = folder_of(settings, data), settings.intake_limits()
    found = list(examiner.examine(folder, limits, system_clock, decoder.running()))
    found += upkeep.examine(folder, system_clock)
    found.append(tokens.examine(settings, folder))
    if settings.names_cloudflare():
        from raytrail.doctor import cloudflare

        found += cloudflare.examine(settings, folder, system_clock)
    else:
        found.append(tokens.NOT_LOOKED_AT)
    if json:
        facts = orjson.dumps(examiner.as_object(found), option=orjson.OPT_INDENT_2)
        typer.echo(facts.decode())
    else:
        for line in examiner.lines(found):
            typer.echo(line)
    raise typer.Exit(FOUND_SOMETHING_WRONG if examiner.is_wrong(found) else FINE)


def demo(data: DataOption = None) -> None:
    """The whole way on sample batches: receive, load, report."""
    from raytrail.demo import run as demonstration

    folder = folder_of(Settings.read(), data)
    demonstration.run(folder)
    cli.report(user=demonstration.USER, data=folder, save_folder=Path("reports"))
    typer.echo(demonstration.next_steps(folder))
