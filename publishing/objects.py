"""Objects of a table, written durably: pyiceberg makes their bytes in memory, for it syncs nothing."""

import contextlib
from io import BytesIO
from pathlib import Path

from pyiceberg.io import InputFile, OutputFile, OutputStream

from store.errors import NoRoom
from store.files import durable
from store.files.layout import draft_path


class _Stream(BytesIO):
    """Hands its bytes over when it is closed."""

    def __init__(self, output: "BytesOutput") -> None:
        super().__init__()
        self._output = output

    def close(self) -> None:
        if not self.closed:
            self._output.content = self.getvalue()
        super().close()


class BytesOutput(OutputFile):
    """An object of which pyiceberg writes the bytes; `content` has them once that is done."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.content = b""

    def __len__(self) -> int:
        return len(self.content)

    def exists(self) -> bool:
        return False

    def to_input_file(self) -> InputFile:
        raise NotImplementedError("it is written once, and not read")

    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: ARG002 (pyiceberg's name)
        return _Stream(self)


def write(path: Path, content: bytes) -> None:
    """Make or replace an object; it is whole and durable once it has its name. NoRoom on a full disk."""
    draft = draft_path(path.parent, "object")
    try:
        fd = durable.create_locked(draft)
        try:
            durable.write_all(fd, content)
        finally:
            durable.close(fd)
        durable.replace(draft, path)
    except OSError as error:
        raise NoRoom(f"{path.name}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            durable.remove(draft, synced=False)
