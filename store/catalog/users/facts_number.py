"""Which files have facts of their users, without SQLAlchemy: every question asks it."""

from typing import Any, Protocol

# The dataset of which facts are kept.
DATASET = "http_requests"

# Of what the facts of a file mean. Raised with the statement that computes them: the files that an
# earlier one was asked of are computed again.
REVISION = 1

# In `users_number`: a file without a row of a user.
NOBODY = 0


class FileRow(Protocol):
    """A row of `files`, of SQLAlchemy or of the standard library's driver."""

    def __getitem__(self, column: str, /) -> Any: ...


def facts_number(file: FileRow) -> int | None:
    """The number under which the facts of a file are; `NOBODY` if it has no users, else None."""
    number: int | None = file["users_number"]
    is_kept = file["facts_revision"] == REVISION and file["facts_number"] == number
    return number if number == NOBODY or is_kept else None
