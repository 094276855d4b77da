"""Where a batch goes whose dataset Cloudflare does not document.

Each dataset is a table: folders, a Parquet file for each day, and a view. So a sender that makes up
names could keep the loader from all other work. A token therefore begins a limited number of them a
day. Batches of further names go to `unknown`, and their rows have the name in `sent_as`. They are
answered 200 like all others, because Cloudflare switches a job off that gets other answers.

Documented datasets, and those that have a table, never count. What Raytrail fetched itself, such as
an archive, is not limited.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, distinct, func, select

from schema.dataset_names import is_known
from schema.unknown_dataset import UNKNOWN
from store.catalog.tables import batches
from store.intake.draft import Origin, received_day

# More datasets than Cloudflare documents at all are not added on one day, and the loader makes this
# many tables in half a minute.
NEW_NAMES_MAX = 50

# Of the SHA-256 of a token, as in entries of the kind `token`; the ledger never has the token.
TOKEN_CHARACTERS = 16

# Names that a person is shown as examples.
EXAMPLES_MAX = 5

# Built once, since each body of such a name needs them.
_IN_UNKNOWN = select(batches).where(
    batches.c.dataset == UNKNOWN,
    batches.c.content == bindparam("of_content"),
    batches.c.sent_as == bindparam("of_name"),
)
_OF_DATASET = select(batches.c.sequence).where(batches.c.dataset == bindparam("of_name")).limit(1)
_BEGUN = select(func.count()).where(
    batches.c.begun_by == bindparam("of_token"),
    batches.c.received_at >= bindparam("first_day"),
    batches.c.received_at < bindparam("next_day"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """The dataset of a batch. `sent_as` is its name where it went to `unknown` instead; `begun_by`
    is the token of the first batch of a name.
    """

    dataset: str
    sent_as: str | None = None
    begun_by: str | None = None

    def facts(self) -> dict[str, str]:
        """What the batch's entry says of it."""
        told = {"dataset": self.dataset, "sent_as": self.sent_as, "begun_by": self.begun_by}
        return {name: value for name, value in told.items() if value is not None}


def place(connection: Connection, name: str, origin: Origin, at: datetime) -> Place:
    """Where a batch of this name goes. The caller holds the write lock, and enters it at once."""
    if is_known(name) or name == UNKNOWN or origin.is_fetched:
        return Place(name)
    if connection.execute(_OF_DATASET, {"of_name": name}).first():
        return Place(name)
    asked = {
        "of_token": origin.token,
        "first_day": received_day(at),
        "next_day": received_day(at + timedelta(days=1)),
    }
    if (connection.scalar(_BEGUN, asked) or 0) < NEW_NAMES_MAX:
        return Place(name, begun_by=origin.token)
    return Place(UNKNOWN, sent_as=name)


def held_in_unknown(connection: Connection, name: str, content: str) -> RowMapping | None:
    """The batch of these lines that went to `unknown` for want of a table of this name."""
    if is_known(name):
        return None
    asked = {"of_name": name, "of_content": content}
    return connection.execute(_IN_UNKNOWN, asked).mappings().first()


def has_no_table(connection: Connection, name: str) -> bool:
    """Whether batches of this name went to `unknown`."""
    sent = select(batches.c.sequence).where(batches.c.sent_as == name).limit(1)
    return connection.execute(sent).first() is not None


@dataclass(frozen=True, slots=True)
class Surplus:
    """Batches in `unknown` whose names got no table, and some of these names."""

    batches: int
    names: int
    examples: tuple[str, ...]


def surplus(connection: Connection) -> Surplus:
    sent_as = batches.c.sent_as
    is_surplus = sent_as.is_not(None) & (batches.c.dataset == UNKNOWN)
    counted = select(func.count(), func.count(distinct(sent_as))).where(is_surplus)
    some = select(sent_as).distinct().where(is_surplus).order_by(sent_as).limit(EXAMPLES_MAX)
    found, names = connection.execute(counted).one()
    return Surplus(found, names, tuple(connection.scalars(some)))
