"""What Cloudflare should be told so that no record is missing, thinned out or changed: as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schema.dataset import datasets

# Of one person's trail; the logins that explain a refusal; what the firewall stopped.
DATASETS = ("http_requests", "firewall_events", "access_requests")
# Without it there is no trail; the others add to it.
NEEDED = frozenset({"http_requests"})

NAME_PREFIX = "raytrail-"

PHASE = "http_log_custom_fields"
USER_HEADER = "cf-access-user"
# Only with this expression are the names logged.
EVERY_REQUEST = "true"
# Documented for each type of field.
CUSTOM_NAMES_MAX = 100

# Uncompressed. A body of it is some 5 MB and far below the receiver's 128 MiB, whatever it
# holds, and takes seconds on a slow line, well within the receiver's minute.
UPLOAD_BYTES_MAX = 50_000_000
# Cloudflare's own default: 100,000 records are loaded at once by one loader.
UPLOAD_RECORDS_MAX = 100_000
# The shortest there is: the sooner a batch comes, the sooner it can be asked for.
UPLOAD_SECONDS_MAX = 30

# Neither loses a digit; the first can be read. Without one it is the second.
TIMESTAMP_FORMAT = "rfc3339ns"
LOSSLESS_FORMATS = (TIMESTAMP_FORMAT, "unixnano", None)

# Fields that Cloudflare refuses where the plan lacks a product, by that product's name.
FIELDS_OF_PRODUCTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Bot Management": frozenset(
            {
                "BotDetectionIDs",
                "BotDetectionTags",
                "BotScore",
                "BotScoreSrc",
                "BotTags",
                "JA3Hash",
                "JA4",
                "JA4Signals",
                "JSDetectionPassed",
            }
        )
    }
)
_OF_ANY_PRODUCT = frozenset[str]().union(*FIELDS_OF_PRODUCTS.values())


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a job: what we set, and what else keeps every record whole."""

    value: Any
    also_fine: tuple[Any, ...] = (None,)

    def allows(self, value: Any) -> bool:
        return value == self.value or value in self.also_fine


JOB_OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        "enabled": Option(value=True, also_fine=()),
        "filter": Option(""),
        "filter_attack_traffic": Option(value=False),
        "transformer_id": Option(""),
    }
)

OUTPUT_OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        "output_type": Option("ndjson"),
        "timestamp_format": Option(TIMESTAMP_FORMAT, LOSSLESS_FORMATS),
        "sample_rate": Option(1),
        # It rewrites every `${` in what a client has sent.
        "CVE-2021-44228": Option(value=False),
        "record_template": Option(""),
        "record_prefix": Option("{"),
        "record_suffix": Option("}\n"),
        "record_delimiter": Option(""),
        "field_delimiter": Option(","),
        "batch_prefix": Option(""),
        "batch_suffix": Option(""),
    }
)
# What is the default anyway is not spelled out in a new job.
SPELLED_OUT = ("output_type", "timestamp_format", "sample_rate", "CVE-2021-44228")


def field_names(dataset: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Every documented field that is offered here, without those that have a newer name."""
    there = set(offered)
    fields = datasets()[dataset].fields
    return tuple(each.name for each in fields if each.name in there and not each.deprecated)


def without_products(names: Iterable[str]) -> tuple[str, ...]:
    """Those that no plan refuses."""
    return tuple(name for name in names if name not in _OF_ANY_PRODUCT)


def undocumented(dataset: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Fields that are offered and that this version has no column for."""
    known = {each.name for each in datasets()[dataset].fields}
    return tuple(sorted(set(offered) - known))


def scope(dataset: str) -> str:
    """Whether its jobs are a zone's or an account's."""
    return datasets()[dataset].scope or "zone"
