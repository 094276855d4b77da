"""Prints lines for a person as `typer.echo` does, without loading Typer."""

import sys

# Begins a sequence that changes colours or moves the cursor; a pipe must not have it.
ESCAPE = "\x1b"


def echo(line: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a line on standard output or standard error at once."""
    stream = sys.stderr if err else sys.stdout
    if stream is not None and stream.encoding.lower() == "utf-8" and ESCAPE not in line:
        stream.write(f"{line}\n" if nl else line)
        stream.flush()
        return
    # Late: it knows about terminals and encodings that are seldom.
    import typer  # noqa: PLC0415

    typer.echo(line, err=err, nl=nl)
