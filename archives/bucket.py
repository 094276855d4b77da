"""Options for reading a bucket. They import no pyarrow, so that reading settings stays cheap."""

from dataclasses import dataclass, field

# A bucket on another continent answers within a second; a large read takes several.
CONNECT_SECONDS_MAX = 10.0
ANSWER_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketOptions:
    """How to reach a bucket. Without keys, the machine's own credentials are used."""

    endpoint: str = ""
    region: str = ""
    key_id: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    is_anonymous: bool = False

    def arguments(self) -> dict[str, object]:
        """The arguments of S3FileSystem. R2 and other services need an `endpoint`."""
        given: dict[str, object] = {
            "connect_timeout": CONNECT_SECONDS_MAX,
            "request_timeout": ANSWER_SECONDS_MAX,
        }
        if self.region:
            given["region"] = self.region
        if self.endpoint:
            scheme, _, host = self.endpoint.rstrip("/").rpartition("://")
            given |= {"endpoint_override": host, "scheme": scheme or "https"}
        if self.key_id:
            given |= {"access_key": self.key_id, "secret_key": self.secret}
        elif self.is_anonymous:
            given["anonymous"] = True
        return given
