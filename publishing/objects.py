"""Objects whose bytes pyiceberg makes in memory: it would write them, but sync nothing."""

from io import BytesIO

from pyiceberg.io import InputFile, OutputFile, OutputStream


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
