"""Counts newlines, in Rust if that is built: in Python it takes a tenth of the decoding time."""

__all__ = ["count_newlines"]

try:
    from native._native import count_newlines
except ImportError:

    def count_newlines(content: bytes, start: int, end: int) -> int:
        return content.count(b"\n", start, end)
