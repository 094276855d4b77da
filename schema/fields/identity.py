"""The user of a request as it was logged: a text and where it was found.

The text is kept exactly as sent: not stripped, not lower-cased, and not assumed to be an e-mail
address. Queries decide whether it can be trusted.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schema.dataset import IdentityRule
from schema.fields.members import elements, members, name_of


class Identity(NamedTuple):
    user_id: str | None
    user_source: str | None


NOBODY = Identity(None, None)


def identify(rules: Iterable[IdentityRule], record: Mapping[str, Any], text: bytes) -> Identity:
    """The user from the first rule that finds one. `text` is what `record` was parsed from."""
    for rule in rules:
        user_id = _named_by(rule, record, text)
        if user_id is not None:
            return Identity(user_id, rule.source)
    return NOBODY


def _named_by(rule: IdentityRule, record: Mapping[str, Any], text: bytes) -> str | None:
    holder = record.get(rule.field)
    if rule.key is None:
        return _usable(holder, rule.field, text)
    if type(holder) is not dict:
        return None
    name = _spelled(rule.key, holder)
    if name is None:
        return None
    value = holder[name]
    # Most values are text; the bytes are looked up only for others.
    return value or None if type(value) is str else _usable(value, name, _raw(rule.field, text))


def _spelled(key: str, pairs: Iterable[str]) -> str | None:
    """The key in its exact case; else the first that differs only in ASCII case."""
    names = list(pairs)
    if key in names:
        return key
    wanted = key.lower()
    return next((name for name in names if name.isascii() and name.lower() == wanted), None)


def _usable(value: Any, name: str, text: bytes) -> str | None:
    """The only text or number in `value`; `text` is the object that has `name`."""
    if type(value) is str:
        return value or None
    if _is_number(value):
        return _raw(name, text).decode()
    if type(value) is not list:
        return None
    # A header sent twice may be logged as a list; with two users in it, neither is certain.
    candidates = [
        (element, raw)
        for element, raw in zip(value, elements(_raw(name, text)), strict=True)
        if (type(element) is str and element) or _is_number(element)
    ]
    if len(candidates) != 1:
        return None
    ((element, raw),) = candidates
    return element if type(element) is str else raw.decode()


def _is_number(value: object) -> bool:
    return type(value) is int or type(value) is float


def _raw(name: str, text: bytes) -> bytes:
    return {name_of(key): value for key, value in members(text)}[name]
