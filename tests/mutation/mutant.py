"""A mutant: one place of one file, and what it becomes."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Mutant:
    """The bytes from `start` to `end` of the file become `replacement`."""

    file: str
    line: int
    kind: str
    start: int
    end: int
    replacement: bytes

    @property
    def room(self) -> str:
        """The folder of the file, and of SQL and templates the folder that uses them."""
        return str(PurePosixPath(self.file).parent)

    def applied_to(self, source: bytes) -> bytes:
        return source[: self.start] + self.replacement + source[self.end :]

    def described(self, source: bytes) -> str:
        before = _on_one_line(source[self.start : self.end], 90)
        after = _on_one_line(self.replacement, 60)
        return f"{self.file}:{self.line}: {self.kind}: `{before}` -> `{after}`"

    def compiles(self, source: bytes) -> bool:
        if not self.file.endswith(".py"):
            return True
        try:
            compile(self.applied_to(source), self.file, "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True


def _on_one_line(text: bytes, length: int) -> str:
    return b" ".join(text.split()).decode()[:length]
