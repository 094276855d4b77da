"""The headers by which a browser tells what a person did from what a page did."""

from typing import Final

from raytrail.demo.record_fields import FILES, kind

# Destination and mode of what a page loads itself, by kind; a person navigates to the others.
LOADED: Final = {
    "css": ("style", "no-cors"),
    "js": ("script", "no-cors"),
    "png": ("image", "no-cors"),
    "rest": ("empty", "cors"),
    "api": ("empty", "cors"),
}


def sent(agent: str, path: str, referer: str, *, is_ahead: bool = False) -> dict[str, str]:
    """What goes with a request; programs send none of it. `is_ahead`: before anybody clicked."""
    if not agent.startswith("Mozilla/"):
        return {}
    destination, mode = LOADED.get(kind(path), ("document", "navigate"))
    headers = {
        "sec-fetch-dest": destination,
        "sec-fetch-mode": mode,
        "sec-fetch-site": "same-origin" if referer and not is_ahead else "none",
    }
    if is_ahead:
        return headers | {"sec-purpose": "prefetch"}
    return headers | ({"sec-fetch-user": "?1"} if destination == "document" else {})


def answered(path: str, size: int) -> dict[str, str]:
    """What comes with an answer; pages and data are compressed on the way, and have no length."""
    of, name = kind(path), path.rpartition("/")[2]
    headers = {"content-length": str(size)} if of in {"css", "js", "png", *FILES} else {}
    return headers | (
        {"content-disposition": f"attachment; filename={name}"} if of in FILES else {}
    )
