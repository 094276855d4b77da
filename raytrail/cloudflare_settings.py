"""The settings for Cloudflare: its API, the public URL of this service, and canaries."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from raytrail.errors import BadConfiguration
from raytrail.setting_files.question_values import words
from upstream.options import API_URL, ApiOptions, CanaryOptions

# The text as it was set; words() splits it where it is used.
CommaSeparated = Annotated[str, NoDecode, AfterValidator(str.strip)]


class CloudflareSettings(BaseSettings):
    cloudflare_token: SecretStr = Field(default=SecretStr(""), description="Cloudflare API token")
    cloudflare_token_file: Path | None = Field(
        default=None,
        description="File with the Cloudflare API token, instead of RAYTRAIL_CLOUDFLARE_TOKEN",
    )
    cloudflare_account: str = Field(
        default="", description="Name or id of the account whose logins are pulled"
    )
    cloudflare_zones: CommaSeparated = Field(
        default="",
        description="Names or ids of the zones that `setup` and `coverage` check, comma-separated",
    )
    cloudflare_url: str = Field(default=API_URL, description="Base URL of Cloudflare's API")
    logins_minutes: float = Field(
        default=5.0,
        gt=0,
        description="Minutes between pulls of logins by `serve`, when an API token is set",
    )
    coverage_minutes: float = Field(
        default=60.0,
        gt=0,
        description="Minutes between coverage checks by `serve`, when an API token and a zone or account are set",
    )
    public_url: str = Field(
        default="",
        description="URL at which Cloudflare reaches this service, such as `https://logs.example.com`",
    )

    canary_url: str = Field(
        default="", description="URL that `canary` requests; a page on a host behind Access"
    )
    canary_client_id: SecretStr | None = Field(
        default=None, description="Client id of the Access service token that `canary` uses"
    )
    canary_client_secret: SecretStr | None = Field(
        default=None, description="Client secret of the Access service token that `canary` uses"
    )
    canary_minutes: float = Field(
        default=5.0,
        gt=0,
        description="Minutes between canaries sent by `serve`, when RAYTRAIL_CANARY_URL is set",
    )

    def has_api(self) -> bool:
        """Whether a token for Cloudflare's API is set."""
        return bool(self.cloudflare_token.get_secret_value() or self.cloudflare_token_file)

    def api_options(self) -> ApiOptions:
        """How to reach Cloudflare's API; BadConfiguration without a token."""
        token = self._api_token()
        if not token:
            raise BadConfiguration(
                "RAYTRAIL_CLOUDFLARE_TOKEN: set an API token, or RAYTRAIL_CLOUDFLARE_TOKEN_FILE"
            )
        if not (token.isascii() and token.isprintable()):
            raise BadConfiguration("RAYTRAIL_CLOUDFLARE_TOKEN: use printable ASCII characters only")
        return ApiOptions(token=token, url=self.cloudflare_url.rstrip("/"))

    def names_cloudflare(self) -> bool:
        """Whether an API token and a zone or account are set."""
        return self.has_api() and bool(self.cloudflare_zones or self.cloudflare_account)

    def _api_token(self) -> str:
        given = self.cloudflare_token.get_secret_value().strip()
        if given or self.cloudflare_token_file is None:
            return given
        try:
            return self.cloudflare_token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfiguration(
                f"RAYTRAIL_CLOUDFLARE_TOKEN_FILE: cannot read the file: {type(error).__name__}"
            ) from None

    def public_host(self) -> str:
        """The host name of RAYTRAIL_PUBLIC_URL; empty when it is not set."""
        return urlsplit(self.public_url).hostname or ""

    def canary_options(self) -> CanaryOptions:
        """Where canaries are sent; BadConfiguration without a URL."""
        problems = []
        if urlsplit(self.canary_url).scheme not in {"http", "https"}:
            problems.append(
                "RAYTRAIL_CANARY_URL: set the http or https URL of a page behind Access"
            )
        if bool(self.canary_client_id) != bool(self.canary_client_secret):
            problems.append(
                "RAYTRAIL_CANARY_CLIENT_ID and RAYTRAIL_CANARY_CLIENT_SECRET: set both, or neither"
            )
        if problems:
            raise BadConfiguration("\n".join(problems))
        return CanaryOptions(
            url=self.canary_url,
            client_id=_secret(self.canary_client_id),
            client_secret=_secret(self.canary_client_secret),
        )

    def zones(self) -> tuple[str, ...]:
        return words(self.cloudflare_zones)


def _secret(given: SecretStr | None) -> str:
    return given.get_secret_value().strip() if given else ""
