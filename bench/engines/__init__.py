"""Every engine by name. Libraries are imported by the engine that needs them, in its own process."""

from collections.abc import Callable, Sequence

from bench.engine import Engine
from schema.dataset import Field

DECODERS = ("native", "python")

# In the order of the tables; `python -m bench.worker NAME` runs one.
OURS = tuple(f"raytrail {decoder}" for decoder in DECODERS)
CHDB, DUCKDB, TRANSFORM, POLARS, STREAMING, DATAFUSION, ARROW_JSON, PLAIN = (
    "chdb",
    "duckdb read_json",
    "duckdb json_transform",
    "polars",
    "polars streaming",
    "datafusion",
    "arrow-json",
    "orjson + from_pylist",
)
PEERS = (CHDB, DUCKDB, TRANSFORM, POLARS, STREAMING, DATAFUSION, ARROW_JSON, PLAIN)
FLOOR = "floor"
DECODE = tuple(f"decode {decoder}" for decoder in DECODERS)
BARE = "bare receiver"


def engine(name: str, fields: Sequence[Field], cores: int) -> Engine:
    """The engine of this name; raises Missing where it cannot run."""
    return _MAKERS[name](fields, cores)


def _ours(decoder: str) -> Callable[[Sequence[Field], int], Engine]:
    def make(_fields: Sequence[Field], cores: int) -> Engine:
        from bench.engines.raytrail import Loading  # noqa: PLC0415

        return Loading(decoder, cores)

    return make


def _decode(decoder: str) -> Callable[[Sequence[Field], int], Engine]:
    def make(_fields: Sequence[Field], cores: int) -> Engine:
        from bench.engines.raytrail import Decoding  # noqa: PLC0415

        return Decoding(decoder, cores)

    return make


def _chdb(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.clickhouse import ChDB  # noqa: PLC0415

    return ChDB(fields, cores)


def _read_json(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.duck import ReadJson  # noqa: PLC0415

    return ReadJson(fields, cores)


def _transform(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.duck import JsonTransform  # noqa: PLC0415

    return JsonTransform(fields, cores)


def _polars(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.frames import Polars  # noqa: PLC0415

    return Polars(fields, cores)


def _streaming(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.frames import PolarsStreaming  # noqa: PLC0415

    return PolarsStreaming(fields, cores)


def _datafusion(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.fusion import DataFusion  # noqa: PLC0415

    return DataFusion(fields, cores)


def _arrow_json(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.arrow_rust import ArrowJson  # noqa: PLC0415

    return ArrowJson(fields, cores)


def _plain(fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.plain import Plain  # noqa: PLC0415

    return Plain(fields, cores)


def _floor(_fields: Sequence[Field], cores: int) -> Engine:
    from bench.engines.floor import Floor  # noqa: PLC0415

    return Floor(cores)


def _bare(_fields: Sequence[Field], _cores: int) -> Engine:
    from bench.engines.bare import BareReceiver  # noqa: PLC0415

    return BareReceiver()


_MAKERS: dict[str, Callable[[Sequence[Field], int], Engine]] = {
    **{f"raytrail {decoder}": _ours(decoder) for decoder in DECODERS},
    **{f"decode {decoder}": _decode(decoder) for decoder in DECODERS},
    CHDB: _chdb,
    DUCKDB: _read_json,
    TRANSFORM: _transform,
    POLARS: _polars,
    STREAMING: _streaming,
    DATAFUSION: _datafusion,
    ARROW_JSON: _arrow_json,
    PLAIN: _plain,
    FLOOR: _floor,
    BARE: _bare,
}
