-- How long a login lasts where the application does not say: Cloudflare's default.
create macro default_session() as interval 24 hours
