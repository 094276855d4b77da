"""`make picture`: runs the demo in a folder of its own and draws its report as docs/report.png.

The picture is what a terminal shows, colours included, without the sections in `LEFT_OUT`. No
browser is needed: Rich turns the terminal's text into SVG, and vl-convert turns that into PNG.
"""

import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import zlib
from collections.abc import Iterator
from pathlib import Path

import vl_convert
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

TARGET = Path(__file__).with_name("report.png")
RAYTRAIL = Path(sys.executable).with_name("raytrail")
COMMAND = ("report", "--user", "srhea", "--since", "2026-11-18", "--until", "2026-11-18")
# Wide enough for a session's page, narrow enough to be read on a README page.
COLUMNS = 130
ROWS = 60
# They say little to somebody who sees a report for the first time.
LEFT_OUT = (
    *("Addresses", "Countries", "User agents", "Refused requests", "Logins", "Logouts"),
    "Rows in other datasets",
    "How this report was made",
)
# A page shows the picture at about half this size, so it is sharp on a dense screen as well.
SCALE = 1.25
PNG_START = b"\x89PNG\r\n\x1a\n"
# Where the picture's text is kept in the file: for a reader who cannot see it, and for the test.
TEXT_KEY = b"Description"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder, "data"))
        subprocess.run([RAYTRAIL, "demo", "--data", data], cwd=folder, check=True)
        shown = in_terminal([str(RAYTRAIL), *COMMAND, "--data", data])
    text = Text.from_ansi(f"$ raytrail {' '.join(COMMAND)}\n{shortened(shown)}")
    TARGET.write_bytes(packed(drawn(text), text.plain))
    print(f"wrote {TARGET}")


def in_terminal(command: list[str]) -> str:
    """What the command writes when it talks to a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (ROWS, COLUMNS))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return written.decode().replace("\r\n", "\n").rstrip()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux says EIO, not end of file, once the program has closed its side.
        return b""


def shortened(report: str) -> str:
    """The report without the sections to leave out; an empty line ends a section."""
    sections = report.split("\n\n")
    return "\n\n".join(
        section for section in sections if not Text.from_ansi(section).plain.startswith(LEFT_OUT)
    )


def drawn(text: Text) -> bytes:
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(text)
    svg = console.export_svg(title="raytrail", theme=MONOKAI)
    # Rich names a web font, which nothing here may fetch.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]+;", "font-family: DejaVu Sans Mono, monospace;", svg)
    return bytes(vl_convert.svg_to_png(svg, scale=SCALE))


def packed(png: bytes, text: str) -> bytes:
    """The same picture, compressed harder, with its text in an iTXt chunk behind the header."""
    found = list(chunks(png))
    pixels = b"".join(content for kind, content in found if kind == b"IDAT")
    said = TEXT_KEY + b"\0\0\0\0\0" + text.encode()
    kept = [
        found[0],
        (b"iTXt", said),
        (b"IDAT", zlib.compress(zlib.decompress(pixels), level=9)),
        (b"IEND", b""),
    ]
    return PNG_START + b"".join(_chunk(kind, content) for kind, content in kept)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk of a PNG file: its kind and its content."""
    place = len(PNG_START)
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


if __name__ == "__main__":
    main()
