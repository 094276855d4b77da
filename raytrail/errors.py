"""The errors of the command line, and the exit status of each.

RaytrailError
├── BadConfiguration   3, the environment is wrong; all problems in one message
└── CannotDo           2, what was asked for cannot be done here
"""

from collections.abc import Callable

from schema.errors import RaytrailError

FINE = 0
FOUND_SOMETHING_WRONG = 1
COULD_NOT_DO_IT = 2
BAD_CONFIGURATION = 3
DISK_FAILED = 4


class BadConfiguration(RaytrailError):
    """The process does not start and nothing was written."""


class CannotDo(RaytrailError):
    """Says what was asked, why it cannot be done and what to do instead."""


def demand_all(*demands: Callable[[], object]) -> None:
    """Call each; BadConfiguration with the problems of all, so that a person corrects them at once."""
    problems = []
    for demand in demands:
        try:
            demand()
        except BadConfiguration as error:
            problems.append(str(error))
    if problems:
        raise BadConfiguration("\n".join(problems))
