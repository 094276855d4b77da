"""Expressions that each database writes in its own way."""

from typing import Any

from sqlalchemy import Boolean, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Member(FunctionElement[str]):
    """The text of a member of the JSON object in a column; NULL without one."""

    inherit_cache = True
    type = Text()


class IsTrue(FunctionElement[bool]):
    """Whether a member of the JSON object in a column is true."""

    inherit_cache = True
    type = Boolean()


class OrderOfWriting(FunctionElement[int]):
    """Of the rows of a table with a `sequence`, the newest last."""

    inherit_cache = True
    type = Integer()


class Bytes(FunctionElement[Any]):
    """The bytes of a text, even if they are none of a text; PostgreSQL, which has no such text,
    gives the text: see `as_bytes`.
    """

    inherit_cache = True


def as_bytes(value: Any) -> Any:
    """A value of `Bytes`, or of any other kind, from whichever database."""
    return value.encode() if isinstance(value, str) else value


@compiles(Bytes)
def _bytes(element: Bytes, compiler: SQLCompiler, **_: Any) -> str:
    [column] = map(compiler.process, element.clauses)
    return f"CAST({column} AS BLOB)"


@compiles(Bytes, "postgresql")
def _text(element: Bytes, compiler: SQLCompiler, **_: Any) -> str:
    [column] = map(compiler.process, element.clauses)
    return column


@compiles(Member)
@compiles(IsTrue)
def _member(element: FunctionElement[Any], compiler: SQLCompiler, **_: Any) -> str:
    column, name = map(compiler.process, element.clauses)
    return f"json_extract({column}, '$.' || {name})"


@compiles(Member, "postgresql")
def _member_on_postgresql(element: Member, compiler: SQLCompiler, **_: Any) -> str:
    """PostgreSQL refuses to look into an object that has a NUL anywhere."""
    column, name = map(compiler.process, element.clauses)
    return (
        f"(CASE WHEN strpos({column}, '\\u0000') = 0"
        f' THEN CAST({column} AS json) ->> {name} END COLLATE "C")'
    )


@compiles(IsTrue, "postgresql")
def _is_true_on_postgresql(element: IsTrue, compiler: SQLCompiler, **told: Any) -> str:
    return f"({_member_on_postgresql(Member(*element.clauses), compiler, **told)} = 'true')"


@compiles(OrderOfWriting)
def _rows(_element: OrderOfWriting, _compiler: SQLCompiler, **_: Any) -> str:
    """Found at the end of the table, without an index."""
    return "rowid"


@compiles(OrderOfWriting, "postgresql")
def _sequences(_element: OrderOfWriting, _compiler: SQLCompiler, **_: Any) -> str:
    return "sequence"
