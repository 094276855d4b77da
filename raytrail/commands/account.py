"""The account of this machine that runs a command."""

import os
import pwd


def account_name() -> str | None:
    """By the user id: anybody can set USER and LOGNAME. None in a container whose id has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None
