"""The desired settings at Cloudflare: every record is sent, complete and unchanged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schema.dataset import datasets

# The requests of a trail, the events of the firewall, and the logins that explain a refusal.
DATASETS = ("http_requests", "firewall_events", "access_requests")
# There is no trail without it; the others add details.
NEEDED = frozenset({"http_requests"})

NAME_PREFIX = "raytrail-"

PHASE = "http_log_custom_fields"
USER_HEADER = "cf-access-user"
# Headers to log, the most telling first: where there is no room for all, the last are left out.
# Browsers send the sec- headers; they tell what a person did from what the browser did.
REQUEST_HEADERS = (
    USER_HEADER,
    "sec-purpose",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-user",
    "sec-fetch-site",
)
# They tell that an answer is a file, and how large it is.
RESPONSE_HEADERS = ("content-disposition", "content-length")
# The user names are logged only with this expression.
EVERY_REQUEST = "true"
# Documented, for each type of field.
CUSTOM_NAMES_MAX = 100

# Uncompressed. Compressed it is about 5 MB and, whatever its content, far below the receiver's
# limit of 128 MiB; a slow line sends it in seconds, well within the receiver's minute.
UPLOAD_BYTES_MAX = 50_000_000
# Cloudflare's default; one loader loads 100,000 records at once.
UPLOAD_RECORDS_MAX = 100_000
# The minimum: the sooner a batch arrives, the sooner its records can be queried.
UPLOAD_SECONDS_MAX = 30

# Neither loses a digit; people can read the first. The default is the second.
TIMESTAMP_FORMAT = "rfc3339ns"
LOSSLESS_FORMATS = (TIMESTAMP_FORMAT, "unixnano", None)

# Fields that Cloudflare refuses where the plan lacks a product, by product.
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
    """One option of a job: the value we set, and others that keep every record complete."""

    value: Any
    also_allowed: tuple[Any, ...] = (None,)

    def allows(self, value: Any) -> bool:
        return value == self.value or value in self.also_allowed


JOB_OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        "enabled": Option(value=True, also_allowed=()),
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
        # This option rewrites every `${` in values that a client sent.
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
# A new job sets only these; all others are the defaults.
SPELLED_OUT = ("output_type", "timestamp_format", "sample_rate", "CVE-2021-44228")


def field_names(dataset: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Every documented field that is offered, without deprecated ones."""
    names = set(offered)
    fields = datasets()[dataset].fields
    return tuple(each.name for each in fields if each.name in names and not each.deprecated)


def without_products(names: Iterable[str]) -> tuple[str, ...]:
    """The fields that every Cloudflare plan accepts."""
    return tuple(name for name in names if name not in _OF_ANY_PRODUCT)


def undocumented(dataset: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Offered fields without a column in this version."""
    known = {each.name for each in datasets()[dataset].fields}
    return tuple(sorted(set(offered) - known))


def scope(dataset: str) -> str:
    """`zone` or `account`: where its jobs belong."""
    return datasets()[dataset].scope or "zone"
