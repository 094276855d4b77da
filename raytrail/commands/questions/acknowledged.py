"""`raytrail findings acknowledge` and `withdraw`: enter that a finding needs no more."""

import re
from contextlib import suppress

from queries.findings.question import Finding
from queries.shell_content import SHELL_CONTENT
from raytrail.commands.account import account_name
from raytrail.errors import CannotDo
from store.errors import NoRoom
from store.registers import acknowledgements
from store.registers.acknowledgements import FINDING, Said
from store.store import Store

# As queries/sql/findings/found/told.sql makes it.
_ID = re.compile(r"[0-9a-f]{16}")


def demand_words(finding: str, reason: str) -> None:
    """CannotDo without a reason, or for what is no id: before anything is judged."""
    _demand_id(finding)
    if not reason.strip():
        raise CannotDo("--reason: give a reason for the ledger; it is stored permanently")


def acknowledge(store: Store, finding: Finding, reason: str) -> str:
    """Enter it, and return a sentence. CannotDo if the reason names the person."""
    if finding.user_id is not None and _names(finding.user_id, reason):
        raise CannotDo(
            "--reason: it names the person, and no erasure can remove it from the ledger: write the"
            " number of a case"
        )
    _enter(store, finding.id, 1, reason)
    return f"acknowledged {finding.id}"


def _names(user: str, reason: str) -> bool:
    """Whether the name, or what stands before the @ of an address, is a word of the reason."""
    told = (user, user.partition("@")[0])
    return any(
        re.search(rf"(?<!\w){re.escape(each)}(?!\w)", reason, re.IGNORECASE)
        for each in told
        if each
    )


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
