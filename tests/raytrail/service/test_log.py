"""Our own log: whole lines, JSON each, whoever else writes and whatever was logged."""

import json
import socket
import subprocess
import sys

PROGRAM = """
import logging
from raytrail.service.log import configure
log = configure("test")
log.info("hello", batch="a\\nb\\u2028", level_of='"level":"error"')
logging.getLogger("uvicorn.error").error("from a library: %s", "x")
logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
try:
    raise ValueError("broken")
except ValueError:
    log.exception("failed")
"""


def test_every_log_line_is_one_write_and_one_json_object() -> None:
    """A datagram is one write, so a line in two parts would arrive as two."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        subprocess.run([sys.executable, "-c", PROGRAM], stderr=theirs.fileno(), check=True)
        ours.settimeout(1)
        messages = [ours.recv(1 << 16) for _ in range(3)]

    events = [json.loads(message) for message in messages]
    assert all(message.endswith(b"\n") and message.count(b"\n") == 1 for message in messages)
    assert [event["event"] for event in events] == ["hello", "from a library: x", "failed"]
    assert [event["level"] for event in events] == ["info", "error", "error"]
    assert events[0]["batch"] == "a\nb\u2028"
    assert "ValueError: broken" in events[2]["exception"]
