"""Commands for a first installation: `raytrail doctor` and `raytrail demo`."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from queries.escape import for_terminal
from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Argument
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    ReasonOption,
    layout_of,
    opened,
    read_settings,
    read_store_settings,
    tell,
)
from raytrail.commands.questions import cli
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raytrail.doctor.finding import Finding
    from raytrail.settings import Settings
    from store.files.layout import Layout
    from store.reading.shell.options import ShellOptions
    from store.store import Store


def doctor(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Check store, disk and Cloudflare settings; suggest fixes."""
    from raytrail.doctor import finding, tokens, words
    from store.timestamps import system_clock

    settings = read_settings()
    layout = layout_of(settings, data)
    found = _of_the_store(settings, layout)
    found.append(tokens.examine(settings, layout))
    if settings.names_cloudflare():
        from raytrail.doctor import cloudflare

        found += cloudflare.examine(settings, layout, system_clock)
    else:
        found.append(tokens.NOT_LOOKED_AT)
    tell(finding.as_object(found) if json else words.lines(found))
    sys.exit(FOUND_SOMETHING_WRONG if finding.is_wrong(found) else FINE)


def acknowledge(
    alarm: Annotated[
        str, Argument(metavar="ID", help="Id of the alarm, or its first words: `stray`")
    ],
    reason: ReasonOption,
    data: DataOption = None,
) -> None:
    """Acknowledge an alarm that needs no action, so that `doctor` no longer fails.

    It comes back if there is more of it. The ledger keeps the reason.
    """
    from raytrail.doctor import acknowledged

    if not reason.strip():
        raise CannotDo("--reason: give a reason for the ledger; it is stored permanently")
    settings = read_settings()
    with opened(settings, data) as store:
        found = _of_the_store(settings, store.layout)
        for each in acknowledged.acknowledge(store, found, alarm, reason):
            echo(f"acknowledged {for_terminal(each)}")


def _of_the_store(settings: "Settings", layout: "Layout") -> "list[Finding]":
    """What is found without Cloudflare, with what a person has acknowledged."""
    from raytrail import decoder
    from raytrail.doctor import (
        acknowledged,
        catalog,
        checks,
        folded,
        headers,
        shell,
        strays,
        surplus_names,
        upkeep,
    )
    from store.timestamps import system_clock

    others = (
        catalog.examine,
        strays.examine,
        surplus_names.examine,
        upkeep.examine,
        partial(_published, settings.shell_options()),
        folded.examine,
        # Cloudflare itself knows what is logged; records only suggest it.
        *(() if settings.names_cloudflare() else (headers.examine,)),
    )
    limits, used = settings.intake_limits(), decoder.running()
    found = list(checks.examine(layout, limits, system_clock, used, others))
    found += shell.examine(layout, settings.shell_options(), settings.wrong_files())
    return acknowledged.applied(layout, system_clock, found)


def _published(options: "ShellOptions", store: "Store") -> "Iterator[Finding]":
    if store.layout.published.exists():
        from raytrail.commands.publishing import words

        yield from words.examine(store, options)


def demo(data: DataOption = None) -> None:
    """Receive, load and report the bundled sample batches."""
    from raytrail.demo import run as demonstration

    layout = layout_of(read_store_settings(), data)
    folder = layout.root
    demonstration.run(layout)
    cli.report(user=demonstration.USER, data=folder, save_folder=Path("reports"))
    echo(demonstration.next_steps(folder))
