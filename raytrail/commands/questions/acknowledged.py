"""`raytrail findings acknowledge` and `withdraw`: enter that a finding needs no more."""

import re
from contextlib import suppress

from queries.shell_content import SHELL_CONTENT
from raytrail.commands.account import account_name
from raytrail.errors import CannotDo
from store.errors import NoRoom
from store.registers import acknowledgements
from store.registers.acknowledgements import FINDING, Said
from store.store import Store

# As queries/sql/definitions/findings/judged.sql makes it.
_ID = re.compile(r"[0-9a-f]{16}")


def acknowledge(store: Store, finding: str, reason: str) -> str:
    """Enter it, and return a sentence. CannotDo without a reason, or for what is no id."""
    _demand_id(finding)
    if not reason.strip():
        raise CannotDo("--reason: give a reason for the ledger; it is stored permanently")
    _enter(store, finding, 1, reason)
    return f"acknowledged {finding}"


def withdraw(store: Store, finding: str) -> str:
    """CannotDo for a finding that nobody has acknowledged."""
    _demand_id(finding)
    with store.catalog.read() as connection:
        known = acknowledgements.listed(connection).get(FINDING + finding)
    if known is None or not known.covers(1):
        raise CannotDo(f"{finding}: nobody has acknowledged it")
    _enter(store, finding, 0, "withdrawn")
    return f"withdrawn: {finding} counts as not looked at"


def _enter(store: Store, finding: str, amount: int, reason: str) -> None:
    said = Said(reason, account_name())
    with store.catalog.write() as connection:
        acknowledgements.acknowledge(connection, FINDING + finding, amount, said, store.clock())
    # The person's command has succeeded already.
    if store.layout.audit.exists():
        with suppress(NoRoom):
            store.publish_unless_loading(SHELL_CONTENT)


def _demand_id(finding: str) -> None:
    if _ID.fullmatch(finding) is None:
        raise CannotDo(f"{finding!r} is no id of a finding: `raytrail findings` lists them")
