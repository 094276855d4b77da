-- Whether a user agent is a tool's: a bot, or a program that does not call itself Mozilla as every
-- browser does. Empty text is a tool's too, as a browser always sends one; NULL says nothing.
create macro is_tool(user_agent) as
    coalesce(
        not regexp_matches(user_agent, '^\s*(Mozilla|Opera)/')
        or regexp_matches(user_agent, '(bot|crawler|spider)\b|PowerShell|\+https?://', 'i'),
        false
    )
