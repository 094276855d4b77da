"""Our own log: one JSON object a line on standard error, with an event name and facts.

`info` is "someone may want this tomorrow", `error` is "someone must act". Never a token,
never a raw line of a batch.
"""

import contextlib
import logging
import os
import sys
from typing import TextIO, cast

import structlog


class LogLines:
    """Standard error, one write a line, so that lines of several processes do not mix.

    A log that nobody reads any more must not stop the service: then lines are dropped.
    """

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), text.encode("utf-8", "backslashreplace"))
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""


def configure(process: str, level: int = logging.INFO) -> structlog.typing.FilteringBoundLogger:
    """Set up this process's log, the libraries' included, and return its logger."""
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
    # uvicorn warns of every broken request; on an open port that is somebody else's choice.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(process=process)
    return logger
