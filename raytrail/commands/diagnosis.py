"""Commands for a first installation: `raytrail doctor` and `raytrail demo`."""

from pathlib import Path

import typer

from raytrail.commands.options import DataOption, JsonOption, folder_of, read_settings, tell
from raytrail.commands.questions import cli
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG


def doctor(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Check store, disk and Cloudflare settings; suggest fixes."""
    from raytrail import decoder
    from raytrail.doctor import checks, folded, tokens, upkeep
    from store.timestamps import system_clock

    settings = read_settings()
    folder, limits = folder_of(settings, data), settings.intake_limits()
    found = list(checks.examine(folder, limits, system_clock, decoder.running()))
    found += upkeep.examine(folder, system_clock)
    found += folded.examine(folder, system_clock)
    found.append(tokens.examine(settings, folder))
    if settings.names_cloudflare():
        from raytrail.doctor import cloudflare

        found += cloudflare.examine(settings, folder, system_clock)
    else:
        found.append(tokens.NOT_LOOKED_AT)
    tell(checks.as_object(found) if json else checks.lines(found))
    raise typer.Exit(FOUND_SOMETHING_WRONG if checks.is_wrong(found) else FINE)


def demo(data: DataOption = None) -> None:
    """Receive, load and report the bundled sample batches."""
    from raytrail.demo import run as demonstration

    folder = folder_of(read_settings(), data)
    demonstration.run(folder)
    cli.report(user=demonstration.USER, data=folder, save_folder=Path("reports"))
    typer.echo(demonstration.next_steps(folder))
