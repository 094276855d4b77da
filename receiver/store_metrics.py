"""The metrics of the store, read from the catalog at each scrape.

Labels come from bounded sets only: described datasets, shapes and decoders. A sender may invent any
number of datasets and fields, so datasets without a description are summed up as one, and unknown
fields are counted, not named; `raytrail status` names them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schema.dataset import datasets
from store.files.notices import Notices
from store.reading.degraded import Reason
from store.reading.status import Status
from store.store import Store

# The label of all datasets without a description.
OTHERS = "unknown"

COERCED = ("misfit", "approximate")

# Name, meaning, and the attribute of a dataset's status.
SUMS = (
    ("rows", "Live rows", "rows"),
    ("rejected_lines", "Lines that are not records", "rejected_lines"),
    ("stored_batches", "Batches in the store, duplicates not counted", "batches"),
    ("unread_batches", "Batches kept unread", "unread_batches"),
    ("resent_batches", "Times that a stored batch was sent again", "resends"),
    ("stored_body_bytes", "Bytes of batches as sent", "body_bytes"),
    ("stored_inflated_bytes", "Bytes of batches, inflated", "inflated_bytes"),
    ("unknown_members", "Members without a column", "unknown_members"),
    ("unknown_fields", "Distinct names of members without a column", "unknown_fields"),
    (
        "overruled_members",
        "Members overridden by a later one of the same name",
        "overruled_members",
    ),
    ("waiting_batches", "Batches that wait to be loaded", "pending.batches"),
)

# The same for metrics with a second label.
SPLITS = (
    ("shaped_batches", "Batches by their shape", "shape", "shapes"),
    ("decoded_rows", "Rows by decoder", "decoder", "decoded_rows"),
    ("foreign_records", "Records of another dataset", "looks_like", "foreign"),
)


class StoreMetrics(Collector):
    def __init__(self, store: Store, decoder: str, notices: Notices | None = None) -> None:
        self._store = store
        self._decoder = decoder
        self._notices = notices

    def describe(self) -> Iterator[Metric]:
        """Nothing, so that registering does not read the catalog."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        status = self._store.status()
        yield _gauge("ledger_sequence", "Newest ledger entry", status.sequence)
        yield _gauge("pending_batches", "Batches that wait to be loaded", status.pending.batches)
        yield _gauge("lag_seconds", "Age of the oldest waiting batch", status.pending.lag_seconds)
        yield _gauge("live_files", "Live Parquet files", status.files)
        yield _gauge("parquet_bytes", "Size of the live files", status.parquet_bytes)
        yield _gauge("damaged_files", "Files listed as damaged", status.scrub.damaged)
        records = status.kept_out.records + status.kept_out.rejected_lines
        yield _gauge("kept_out_records", "Records of erased persons, not loaded", records)
        age = status.scrub.waiting_seconds(self._store.clock())
        yield _gauge("scrub_age_seconds", "Age of the last complete scrub", age)
        decoder = GaugeMetricFamily("raytrail_decoder", "Decoder in use", labels=["name"])
        decoder.add_metric([self._decoder], 1)
        yield decoder
        yield _degraded(self._store.degraded(self._notices))
        yield from _by_dataset(status)
        yield _coerced(status)


def _degraded(reasons: Iterable[Reason]) -> Metric:
    """The codes are fixed words, so they are bounded labels; `/health` has the sentences."""
    counted = Counter[tuple[str, ...]]((reason.code,) for reason in reasons)
    return _family("degraded", "What does not get on, by its code", ["code"], counted)


def _by_dataset(status: Status) -> Iterator[Metric]:
    found = [(_label(name), each) for name, each in status.datasets.items()]
    for name, meaning, place in SUMS:
        sums = Counter[tuple[str, ...]]()
        for label, each in found:
            sums[label,] += attrgetter(place)(each)
        yield _family(name, meaning, ["dataset"], sums)
    for name, meaning, by, place in SPLITS:
        sums = Counter()
        for label, each in found:
            sums.update({(label, key): n for key, n in attrgetter(place)(each).items()})
        yield _family(name, meaning, ["dataset", by], sums)
    lags: dict[tuple[str, ...], float] = defaultdict(float)
    for label, each in found:
        lags[label,] = max(lags[label,], each.pending.lag_seconds)
    yield _family("dataset_lag_seconds", "Age of the oldest waiting batch", ["dataset"], lags)


def _coerced(status: Status) -> Metric:
    """Values that did not fit their columns; the fields of described datasets are bounded labels."""
    sums: dict[tuple[str, ...], float] = {
        (name, kind, field): times
        for name, each in status.datasets.items()
        if name in datasets()
        for kind in COERCED
        for field, times in each.fields.get(kind, {}).items()
    }
    labels = ["dataset", "kind", "field"]
    return _family("coerced_values", "Values that did not fit their column", labels, sums)


def _label(dataset: str) -> str:
    return dataset if dataset in datasets() else OTHERS


def _family(
    name: str, meaning: str, labels: list[str], sums: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"raytrail_{name}", meaning, labels=labels)
    for values, amount in sorted(sums.items()):
        family.add_metric(list(values), amount)
    return family


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"raytrail_{name}", meaning, value=value)
