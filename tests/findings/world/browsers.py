"""Devices: a browser on a system, whose version and TLS fingerprint change with its releases."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

# Releases every four weeks, on different days of the families. Chrome's is in the judged weeks.
RELEASES = {"Chrome": date(2026, 9, 1), "Firefox": date(2026, 9, 8), "Safari": date(2026, 9, 15)}
FIRST_VERSIONS = {"Chrome": 150, "Firefox": 148, "Safari": 27}
RELEASE_DAYS = 28
# In so many days after a release everybody has it.
ROLLOUT_DAYS = 5

AGENTS = {
    (
        "Chrome",
        "Windows",
    ): "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    (
        "Chrome",
        "macOS",
    ): "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    (
        "Chrome",
        "Android",
    ): "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36",
    (
        "Chrome",
        "Linux",
    ): "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    (
        "Firefox",
        "Windows",
    ): "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    ("Firefox", "Linux"): "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    (
        "Firefox",
        "macOS",
    ): "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    (
        "Safari",
        "macOS",
    ): "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Safari/605.1.15",
    (
        "Safari",
        "iPhone",
    ): "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Mobile/15E148 Safari/604.1",
}
LAPTOPS = (
    *(("Chrome", "Windows"),) * 5,
    *(("Chrome", "macOS"),) * 4,
    *(("Safari", "macOS"),) * 2,
    *(("Firefox", "Windows"),) * 2,
    ("Firefox", "Linux"),
    ("Chrome", "Linux"),
)
PHONES = (("Safari", "iPhone"), ("Chrome", "Android"))
# What somebody else uses under a person's name, the rarest first; nobody here has the first.
STRANGE = (
    ("Firefox", "macOS"),
    ("Chrome", "Linux"),
    ("Firefox", "Windows"),
    ("Safari", "macOS"),
    ("Chrome", "macOS"),
    ("Chrome", "Windows"),
)
TOOLS = ("curl/8.16.0", "python-requests/2.32.5", "Wget/1.25.0", "Go-http-client/2.0")


@dataclass(frozen=True, slots=True)
class Device:
    """`delay` is how many days after a release its browser updates; a tool never does."""

    family: str
    system: str
    delay: int = 0
    tool: str = ""

    @property
    def is_tool(self) -> bool:
        return bool(self.tool)

    @property
    def is_phone(self) -> bool:
        return (self.family, self.system) in PHONES

    def agent(self, day: date) -> str:
        if self.tool:
            return self.tool
        return AGENTS[self.family, self.system].format(self._version(day))

    def ja4(self, day: date) -> str:
        """Families of one version have one on every system, as Chromium has; each second release
        changes it.
        """
        if self.tool:
            return _fingerprint(self.tool, 0)
        return _fingerprint(self.family, self._version(day) // 2)

    def _version(self, day: date) -> int:
        since = day - timedelta(days=self.delay) - RELEASES[self.family]
        return FIRST_VERSIONS[self.family] + since.days // RELEASE_DAYS


def tool(name: str) -> Device:
    return Device("", "", 0, name)


@cache
def _fingerprint(family: str, version: int) -> str:
    digest = f"{abs(hash_of(family)) + version * 7919:024x}"[-24:]
    return f"t13d1516h2_{digest[:12]}_{digest[12:]}"


def hash_of(text: str) -> int:
    """The same in every process, unlike hash()."""
    return int.from_bytes(text.encode().ljust(12, b"\0")[:12], "big")
