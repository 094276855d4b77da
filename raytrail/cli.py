"""The command line: runs the command that was asked for, and gives each error its exit status.

Exit status: 0 fine, 1 found something wrong, 2 could not do it, 3 bad configuration,
4 the disk failed. Results go to standard output, everything else to standard error.
"""

import os
import sys

from raytrail.command_line import plain_line
from raytrail.command_line.echo import echo
from raytrail.errors import (
    BAD_CONFIGURATION,
    COULD_NOT_DO_IT,
    DISK_FAILED,
    FINE,
    FOUND_SOMETHING_WRONG,
    BadConfiguration,
)
from schema.errors import RaytrailError

# As Typer ends: of a reader of a pipe that has left, as `head` does, and of Ctrl-C.
READER_LEFT = 1
INTERRUPTED = 130


def main() -> None:
    """The console script. An error of ours prints a sentence for each problem and no traceback."""
    # Otherwise pydantic searches every installed package for plugins; we use none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    words = sys.argv[1:]
    try:
        called = plain_line.read(words)
        if called is None:
            _ask_typer(words)
        else:
            called.run()
            sys.exit(FINE)
    except RaytrailError as error:
        _tell(error)
        sys.exit(_exit_status(error))
    except BrokenPipeError:
        # What is left in a buffer would be an error again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READER_LEFT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _ask_typer(words: list[str]) -> None:
    # Late: it takes as long to load as a short command, and only reads what is not plain.
    from raytrail.command_line import typer_app  # noqa: PLC0415

    named = [word for word in words if not word.startswith("-")]
    typer_app.app(asked=named[0] if named else "")()


def _tell(error: RaytrailError) -> None:
    # Late, as below: only an error pays for them.
    from queries.errors import QueryFailed, QueryRefused  # noqa: PLC0415
    from queries.escape import for_terminal, lines_for_terminal  # noqa: PLC0415

    # Only a wrong configuration has several problems; other texts may quote a line end.
    problems = str(error).splitlines() if isinstance(error, BadConfiguration) else [str(error)]
    # DuckDB shows where in the statement an error is, on lines of their own.
    is_of_statement = isinstance(error, QueryRefused | QueryFailed)
    for problem in problems:
        shown = lines_for_terminal(problem) if is_of_statement else for_terminal(problem)
        echo(f"raytrail: {shown}", err=True)


def _exit_status(error: RaytrailError) -> int:
    from queries.errors import QueryFailed, QueryRefused  # noqa: PLC0415
    from raytrail.errors import CannotDo  # noqa: PLC0415
    from store.errors import DiskFailed, LayoutRefused, StoreDamaged  # noqa: PLC0415
    from upstream.errors import ApiRefused  # noqa: PLC0415

    found: dict[type[RaytrailError], int] = {
        BadConfiguration: BAD_CONFIGURATION,
        LayoutRefused: BAD_CONFIGURATION,
        ApiRefused: BAD_CONFIGURATION,
        CannotDo: COULD_NOT_DO_IT,
        QueryRefused: COULD_NOT_DO_IT,
        QueryFailed: COULD_NOT_DO_IT,
        StoreDamaged: FOUND_SOMETHING_WRONG,
        DiskFailed: DISK_FAILED,
    }
    statuses = (status for kind, status in found.items() if isinstance(error, kind))
    return next(statuses, COULD_NOT_DO_IT)
