"""The settings `RAYTRAIL_RETENTION*`: limits in days, and one of them for every dataset there is.

Which names belong to the family nobody knows beforehand, so they are collected wherever settings
come from: the environment, then the `.env` file.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pydantic_settings.sources import EnvSettingsSource

from schema.unknown_dataset import dataset_named
from store.files.layout import REJECTED
from store.lifetimes import DAYS_MAX

FOREVER = "forever"

PREFIX = "retention_"
# The name of the family itself, which no variable can have.
FAMILY = f"{PREFIX}<dataset>"
# Not a dataset, though one could be called so.
RAW = f"{PREFIX}raw"

# `[0-9]`, since `\d` takes digits of every script.
_DAYS = re.compile(r"([0-9]{1,9})d")


def parse_days(text: str) -> int | None:
    """`400d` is 400 and `forever` None; ValueError says what is accepted."""
    if text == FOREVER:
        return None
    matched = _DAYS.fullmatch(text)
    days = int(matched[1]) if matched else 0
    if not 1 <= days <= DAYS_MAX:
        raise ValueError(f"days, such as 400d, from 1d to {DAYS_MAX}d, or {FOREVER}")
    return days


def _limit(text: str) -> str:
    """Leave the value as it is, once it can be parsed: it is shown as it was written."""
    parse_days(text.strip())
    return text.strip()


def _dataset(name: str) -> str:
    if name != REJECTED and dataset_named(name) is None:
        raise ValueError("no dataset can have this name")
    return name


Limit = Annotated[str, AfterValidator(_limit)]
DatasetName = Annotated[str, AfterValidator(_dataset)]


class Family(PydanticBaseSettingsSource):
    """Collects the limits of datasets out of other sources; the first that has one wins."""

    def __init__(self, settings: type[BaseSettings], *others: PydanticBaseSettingsSource) -> None:
        super().__init__(settings)
        self._others = [each for each in others if isinstance(each, EnvSettingsSource)]

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002 (whoever calls it names both)
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """A field alone has no value here."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, str | None] = {}
        for source in reversed(self._others):
            found |= self._limits(source.env_vars)
        return {FAMILY: found} if found else {}

    def _limits(self, variables: Mapping[str, str | None]) -> dict[str, str | None]:
        """By dataset, in lower case as pydantic-settings has them, and as datasets are called."""
        prefix = str(self.config["env_prefix"]).lower()
        start = f"{prefix}{PREFIX}"
        return {
            name.removeprefix(start): value
            for name, value in variables.items()
            if name.startswith(start) and name != f"{prefix}{RAW}"
        }
