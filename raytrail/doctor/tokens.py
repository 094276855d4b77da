"""Checks of the ingest tokens, and whether a Cloudflare API token is set."""

from pathlib import Path

from raytrail.doctor.finding import Finding, Grade
from raytrail.settings import TOKEN_CHARACTERS_GOOD, Settings
from store.files.layout import Layout
from store.registers import tokens

SETUP = "`raytrail setup`"

NOT_LOOKED_AT = Finding(
    about="upstream",
    grade=Grade.NOTE,
    text="Cloudflare was not checked",
    means="whether every record is sent here, and complete, is unknown",
    helps="set RAYTRAIL_CLOUDFLARE_TOKEN, RAYTRAIL_CLOUDFLARE_ZONES and RAYTRAIL_PUBLIC_URL",
)


def examine(settings: Settings, place: Path | Layout) -> Finding:
    known = {*settings.ingest_tokens(), *tokens.read(Layout.of(place).tokens)}
    weak = sum(len(token) < TOKEN_CHARACTERS_GOOD for token in known)
    if weak:
        return Finding(
            about="tokens",
            grade=Grade.WRONG,
            text=f"{weak} of {len(known)} ingest tokens have fewer than {TOKEN_CHARACTERS_GOOD} characters",
            means="an attacker may guess one and send false records",
            helps=f"remove them from RAYTRAIL_TOKENS; {SETUP} creates better ones",
        )
    if not known:
        return Finding(
            about="tokens",
            grade=Grade.NOTE,
            text="there is no ingest token",
            means="no sender can authenticate",
            helps=SETUP,
        )
    text = f"{len(known)} ingest tokens, each of {TOKEN_CHARACTERS_GOOD} characters or more"
    return Finding(about="tokens", grade=Grade.FINE, text=text)
