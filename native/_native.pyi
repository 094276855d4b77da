from typing import Self

import pyarrow as pa

class Report:
    lines: int
    blank: int
    referred: list[tuple[int, bytes]]
    misfits: list[tuple[str, int]]
    approximations: list[tuple[str, int]]
    unknown: list[tuple[str, int]]
    foreign: int
    foreign_sample: tuple[int, bytes]

class Block:
    def __new__(
        cls,
        fields: list[tuple[str, str]],
        event_time: list[str],
        identity: list[tuple[str, str, str | None]],
        guesses_time: bool,
        line_bytes_max: int,
    ) -> Self: ...
    def take_lines(self, first_number: int, buffer: bytes, start: int, end: int) -> None: ...
    def take_record(self, number: int, content: bytes) -> None: ...
    def finish(self) -> tuple[pa.RecordBatch, Report]: ...

def count_newlines(content: bytes, start: int, end: int) -> int: ...
def walk(content: bytes) -> int: ...
def row_hashes(batch: pa.RecordBatch) -> pa.Array: ...
