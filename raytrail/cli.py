"""The command line: the list of commands, and the exit status of each error.

Each command imports the libraries it uses, so that `--help` loads none of them.

Exit status: 0 fine, 1 found something wrong, 2 could not do it, 3 bad configuration,
4 the disk failed. Results go to standard output, everything else to standard error.
"""

import os
import sys
from typing import Annotated

import typer

from queries.errors import QueryFailed, QueryRefused
from queries.escape import for_terminal, lines_for_terminal
from raytrail.commands import completeness, diagnosis
from raytrail.commands.applications import cli as applications
from raytrail.commands.archives import cli as archives
from raytrail.commands.explanation import cli as explanation
from raytrail.commands.logins import cli as logins
from raytrail.commands.people import cli as identities
from raytrail.commands.questions import cli as questions
from raytrail.commands.questions import findings_cli
from raytrail.commands.service import cli as service
from raytrail.commands.setup import cli as setup
from raytrail.commands.upkeep import cli as upkeep
from raytrail.commands.upkeep import erasures_cli, rebuild, stray_cli
from raytrail.commands.upkeep import people_cli as people
from raytrail.errors import (
    BAD_CONFIGURATION,
    COULD_NOT_DO_IT,
    DISK_FAILED,
    FOUND_SOMETHING_WRONG,
    BadConfiguration,
    CannotDo,
)
from schema.errors import RaytrailError
from store.errors import DiskFailed, LayoutRefused, StoreDamaged
from upstream.errors import ApiRefused


def _print_version(is_asked: bool) -> None:
    if is_asked:
        # Only this option pays for reading the installed package's metadata.
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"raytrail {version('raytrail')}")
        raise typer.Exit


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Rich would take as long to load as everything else that the help needs.
    rich_markup_mode=None,
    help="The Logpush destination that keeps every batch and rebuilds anyone's URL trail.",
)


@app.callback()
def options(
    _is_version_asked: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """What comes before the name of a command."""


for command in (
    service.serve,
    service.load,
    service.compact,
    service.status,
    service.replay,
    service.reassign,
    upkeep.backup,
    upkeep.restore,
    upkeep.fsck,
    rebuild.rebuild,
    upkeep.retain,
    people.erase,
    questions.report,
    questions.trail,
    explanation.explain,
    explanation.visitors,
    explanation.compare,
    questions.sql,
    questions.shell,
    completeness.coverage,
    completeness.canary,
    setup.setup,
    diagnosis.demo,
):
    app.command()(command)

doctor_app = typer.Typer(invoke_without_command=True)
doctor_app.callback()(diagnosis.doctor)
doctor_app.command("ack")(diagnosis.acknowledge)
app.add_typer(doctor_app, name="doctor")

stray_app = typer.Typer(
    no_args_is_help=True, help="Files in stray/, which the catalog does not know."
)
stray_app.command("list")(stray_cli.stray_list)
stray_app.command("drop")(stray_cli.stray_drop)
app.add_typer(stray_app, name="stray")

erasures_app = typer.Typer(
    no_args_is_help=True, help="Erasures, and what a restored store has of erased persons."
)
erasures_app.command("list")(erasures_cli.erasures_list)
erasures_app.command("accept")(erasures_cli.erasures_accept)
app.add_typer(erasures_app, name="erasures")

hold_app = typer.Typer(
    no_args_is_help=True, help="Legal holds: rows that retention and erasure must keep."
)
hold_app.command("add")(people.hold_add)
hold_app.command("list")(people.hold_list)
hold_app.command("release")(people.hold_release)
app.add_typer(hold_app, name="hold")

people_app = typer.Typer(invoke_without_command=True)
people_app.callback()(identities.people)
people_app.command("link")(identities.link)
people_app.command("unlink")(identities.unlink)
app.add_typer(people_app, name="people")

findings_app = typer.Typer(invoke_without_command=True)
findings_app.callback()(findings_cli.findings)
findings_app.command("acknowledge")(findings_cli.acknowledge)
findings_app.command("withdraw")(findings_cli.withdraw)
app.add_typer(findings_app, name="findings")

logins_app = typer.Typer(no_args_is_help=True, help="Access logins, fetched from Cloudflare's API.")
logins_app.command("pull")(logins.pull)
# The former name of `explain`, for one version.
logins_app.command("ray", hidden=True)(explanation.explain)
app.add_typer(logins_app, name="logins")
app.command("import")(archives.import_archives)
app.command()(archives.backfill)

applications_app = typer.Typer(
    no_args_is_help=True, help="Access applications and the hosts they protect."
)
applications_app.command("pull")(applications.pull)
applications_app.command("list")(applications.list_applications)
app.add_typer(applications_app, name="applications")

_EXIT_STATUS: dict[type[RaytrailError], int] = {
    BadConfiguration: BAD_CONFIGURATION,
    LayoutRefused: BAD_CONFIGURATION,
    ApiRefused: BAD_CONFIGURATION,
    CannotDo: COULD_NOT_DO_IT,
    QueryRefused: COULD_NOT_DO_IT,
    QueryFailed: COULD_NOT_DO_IT,
    StoreDamaged: FOUND_SOMETHING_WRONG,
    DiskFailed: DISK_FAILED,
}


def main() -> None:
    """The console script. An error of ours prints a sentence for each problem and no traceback."""
    # Otherwise pydantic searches every installed package for plugins; we use none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    try:
        app()
    except RaytrailError as error:
        # Only a wrong configuration has several problems; other texts may quote a line end.
        problems = str(error).splitlines() if isinstance(error, BadConfiguration) else [str(error)]
        # DuckDB shows where in the statement an error is, on lines of their own.
        is_of_statement = isinstance(error, QueryRefused | QueryFailed)
        for problem in problems:
            shown = lines_for_terminal(problem) if is_of_statement else for_terminal(problem)
            typer.echo(f"raytrail: {shown}", err=True)
        sys.exit(_exit_status(error))
    except BrokenPipeError:
        # The reader of a pipe has left, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(COULD_NOT_DO_IT)


def _exit_status(error: RaytrailError) -> int:
    found = (status for kind, status in _EXIT_STATUS.items() if isinstance(error, kind))
    return next(found, COULD_NOT_DO_IT)
