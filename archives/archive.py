"""Archives of log files: a folder, or a bucket of S3, R2 or another file system of pyarrow.

Files are listed by name and read without changing them. Nothing is written, and no key appears in
a URI, an error or a `repr`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from archives.bucket import BucketOptions
from archives.file_start import LOOK_BYTES, look_at
from store.errors import ArchiveRefused
from store.registers.fetches import ArchivedObject

# The suffixes of Logpush's files, and of files that people made from them. Such a file is always
# read, so that damage is reported; any other is read if its first bytes look like records.
SUFFIXES = (".log.gz", ".json.gz", ".ndjson.gz", ".ndjson", ".log")

# Each read of a bucket is a request, which costs a round trip and money.
READ_BYTES_AT_ONCE = 4 * 1024 * 1024

# The error of a bucket may be a page of XML.
_REASON_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of a folder that is not imported, and why."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files to import, ordered by name, and those that are left out."""

    objects: tuple[ArchivedObject, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder or a single file; `prefix` and a path make a URI."""

    files: fs.FileSystem
    path: str
    prefix: str

    def listing(self) -> Listing:
        """Every file with records. A file that was named itself is taken whatever it is."""
        with _refusals_for(self.uri(self.path)):
            found = self.files.get_file_info(self.path)
            if found.type == fs.FileType.File:
                return Listing((self._object(found),))
            if found.type == fs.FileType.NotFound:
                raise ArchiveRefused(f"{self.uri(self.path)}: not found")
            listed = self.files.get_file_info(fs.FileSelector(self.path, recursive=True))
        files = [self._object(each) for each in listed if each.type == fs.FileType.File]
        reasons = {
            each: self._reason_left_out(each) for each in sorted(files, key=lambda each: each.path)
        }
        return Listing(
            tuple(each for each, reason in reasons.items() if not reason),
            tuple(LeftOut(each.uri, reason) for each, reason in reasons.items() if reason),
        )

    def _reason_left_out(self, found: ArchivedObject) -> str:
        """Empty for a file to import. The file is opened only if its name does not tell."""
        name = found.path.rpartition("/")[2]
        if name.startswith("."):
            return "hidden"
        if name.endswith(SUFFIXES):
            return ""
        if not found.bytes:
            return "empty"
        try:
            with (
                _refusals_for(found.uri),
                self.files.open_input_stream(found.path, compression=None) as stream,
            ):
                start = look_at(stream.read(LOOK_BYTES))
        except ArchiveRefused as error:
            return str(error).removeprefix(f"{found.uri}: ")
        return "" if start.has_records else start.what

    def read(self, found: ArchivedObject) -> Iterator[bytes]:
        """The bytes of a file in pieces, without decompression."""
        with (
            _refusals_for(found.uri),
            self.files.open_input_stream(found.path, compression=None) as stream,
        ):
            while piece := stream.read(READ_BYTES_AT_ONCE):
                yield piece

    @property
    def is_remote(self) -> bool:
        """Whether reading waits for another machine."""
        return not isinstance(self.files, fs.LocalFileSystem)

    def uri(self, path: str) -> str:
        return f"{self.prefix}{path}"

    def _object(self, info: fs.FileInfo) -> ArchivedObject:
        modified = str(info.mtime_ns or "")
        return ArchivedObject(self.uri(info.path), info.path, info.size or 0, modified)


def open_archive(place: str, bucket: BucketOptions) -> Archive:
    """The archive at a path, or at a URI that pyarrow supports."""
    scheme, _, rest = place.partition("://")
    if not rest:
        return Archive(fs.LocalFileSystem(), str(Path(place).absolute()), "file://")
    _demand_no_secret(place)
    with _refusals_for(place):
        if scheme == "s3":
            files = fs.S3FileSystem(**bucket.arguments())
            return Archive(files, rest.strip("/"), "s3://")
        files, path = fs.FileSystem.from_uri(place)
    return Archive(files, path, f"{scheme}://")


def _demand_no_secret(place: str) -> None:
    """Keys in a URI would appear in the shell's history, in `ps` and in the ledger."""
    parts = urlsplit(place)
    if "@" in parts.netloc or parts.query:
        raise ArchiveRefused(
            "a URI must not contain keys or options: set RAYTRAIL_IMPORT_S3_* instead"
        )


@contextmanager
def _refusals_for(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition("\n")[0]
        raise ArchiveRefused(f"{what}: {reason[:_REASON_CHARACTERS]}") from None
