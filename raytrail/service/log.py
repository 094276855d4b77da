"""The log of Raytrail: one JSON object a line on standard error, with an event name and facts.

`info` is for looking back later; `error` means that a person must act. No token and no line of a
batch is ever logged.
"""

import contextlib
import logging
import os
import sys
from typing import TextIO, cast

import structlog


class LogLines:
    """Standard error with one write a line, so that lines of several processes do not mix.

    When standard error is closed or full, lines are dropped and the service goes on.
    """

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), text.encode("utf-8", "backslashreplace"))
        return len(text)

    def flush(self) -> None:
        """Nothing is buffered."""


def configure(process: str, level: int = logging.INFO) -> structlog.typing.FilteringBoundLogger:
    """Set up the log of this process, including its libraries, and return its logger."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    lines = cast("TextIO", LogLines())
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(lines),
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # uvicorn warns about every malformed request; on an open port any sender could fill the log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(process=process)
    return logger
