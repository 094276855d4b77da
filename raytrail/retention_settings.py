"""The settings `RAYTRAIL_RETENTION_<DATASET>`: how many days each dataset is kept.

The names depend on the datasets, so they are collected from the environment and the `.env` file.
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
# Stands for all of them in the model; no variable can have this name.
FAMILY = f"{PREFIX}<dataset>"
# The setting for raw bodies, not for a dataset of this name.
RAW = f"{PREFIX}raw"

# `[0-9]`, because `\d` also matches digits of other scripts.
_DAYS = re.compile(r"([0-9]{1,9})d")


def parse_days(text: str) -> int | None:
    """`400d` gives 400 and `forever` gives None; ValueError names the accepted values."""
    if text == FOREVER:
        return None
    matched = _DAYS.fullmatch(text)
    days = int(matched[1]) if matched else 0
    if not 1 <= days <= DAYS_MAX:
        raise ValueError(f"use days such as 400d (1d to {DAYS_MAX}d), or {FOREVER}")
    return days


def _limit(text: str) -> str:
    """Check the value and keep its text, which is shown as it was written."""
    parse_days(text.strip())
    return text.strip()


def _dataset(name: str) -> str:
    if name != REJECTED and dataset_named(name) is None:
        raise ValueError("invalid dataset name: use letters, digits and _")
    return name


Limit = Annotated[str, AfterValidator(_limit)]
DatasetName = Annotated[str, AfterValidator(_dataset)]


class Family(PydanticBaseSettingsSource):
    """Collects the limits from the other sources; the first source that has one wins."""

    def __init__(self, settings: type[BaseSettings], *others: PydanticBaseSettingsSource) -> None:
        super().__init__(settings)
        self._others = [each for each in others if isinstance(each, EnvSettingsSource)]

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002 (callers pass it by name)
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """No single field has a value in this source."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, str | None] = {}
        for source in reversed(self._others):
            found |= self._limits(source.env_vars)
        return {FAMILY: found} if found else {}

    def _limits(self, variables: Mapping[str, str | None]) -> dict[str, str | None]:
        """The limits by dataset; pydantic-settings gives names in lower case, as datasets have them."""
        prefix = str(self.config["env_prefix"]).lower()
        start = f"{prefix}{PREFIX}"
        return {
            name.removeprefix(start): value
            for name, value in variables.items()
            if name.startswith(start) and name != f"{prefix}{RAW}"
        }
