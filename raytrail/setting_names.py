"""Which names `RAYTRAIL_*` are settings, which belong to other programs, and which are misspelt.

A misspelt name would leave its setting at the default, silently: a misspelt retention means for
ever. So commands refuse it, and `serve`, which must receive, reports it.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from raytrail.decoder import CHOICE_VARIABLE
from raytrail.retention_settings import FAMILY, FOREVER, PREFIX
from schema import dataset_names
from store.files.layout import REJECTED

START = "RAYTRAIL_"

# Names that are no setting: the choice of the decoder, and the domain in docker-compose.yml.
BESIDE = frozenset({CHOICE_VARIABLE, "RAYTRAIL_DOMAIN"})

# Kubernetes describes each service to each container. For a service named `raytrail` or
# `raytrail-...` these names look like settings.
_OF_KUBERNETES = re.compile(
    rf"{START}(?:SERVICE_.+"
    r"|.+_SERVICE_(?:HOST|PORT(?:_.+)?)"
    r"|(?:.+_)?PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
_PORT = re.compile(rf"{START}(?:.+_)?PORT")
_ADDRESS = re.compile(r"(?:tcp|udp|sctp)://")

# Below this, a hint would mislead.
SIMILARITY_MIN = 0.6

_OF_RETENTION = f"{START}{PREFIX.upper()}"


def is_of_kubernetes(name: str, value: str | None) -> bool:
    """Whether Kubernetes made the variable. A port that it made is an address, never a number."""
    if _PORT.fullmatch(name) and _ADDRESS.match(value or ""):
        return True
    return _OF_KUBERNETES.fullmatch(name) is not None


def without_kubernetes(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """The variables that may be settings; names may be in lower case."""
    return {
        name: value
        for name, value in variables.items()
        if not is_of_kubernetes(name.upper(), value)
    }


def unknown(names: Iterable[str], fields: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each name that is no setting. `fields` are those of the settings."""
    known = {f"{START}{field.upper()}" for field in fields if field != FAMILY} | BESIDE
    return tuple(_sentences(sorted({name.upper() for name in names}), known))


def _sentences(names: Iterable[str], known: frozenset[str] | set[str]) -> Iterator[str]:
    for name in names:
        if not name.startswith(START) or name in known:
            continue
        if not name.startswith(_OF_RETENTION):
            yield f"{name}: unknown setting; {_hint(name, known)}"
        elif problem := _of_dataset(name.removeprefix(_OF_RETENTION).lower()):
            yield f"{name}: {problem}"


def _hint(name: str, known: Iterable[str]) -> str:
    words = sorted(each.removeprefix(START) for each in known)
    found = difflib.get_close_matches(name.removeprefix(START), words, 1, SIMILARITY_MIN)
    return f"did you mean {START}{found[0]}?" if found else "docs/settings.md lists all settings"


def _of_dataset(dataset: str) -> str | None:
    """Why a retention setting is probably misspelt. An invalid name is refused elsewhere."""
    if dataset == REJECTED or dataset_names.is_known(dataset):
        return None
    meant = dataset_names.slip_of(dataset, ("raw", REJECTED))
    if meant is not None:
        return f"unknown dataset; did you mean {_OF_RETENTION}{meant.upper()}?"
    if dataset.isalpha():
        # Every dataset of Cloudflare has two words, so this is RAYTRAIL_RETENTION_DAYS or the like.
        return (
            f"no dataset has this name; {START}RETENTION=400d (or {FOREVER}) is for all datasets,"
            f" and {_OF_RETENTION}HTTP_REQUESTS=400d for one"
        )
    return None
