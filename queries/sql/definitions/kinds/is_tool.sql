-- Whether a user agent is a tool's: a bot, or a program that does not call itself Mozilla as every
-- browser does. Empty text is a tool's too, as a browser always sends one; NULL says nothing.
create macro is_tool(user_agent) as
    case
        when user_agent is null then false
        when not (starts_with(user_agent, 'Mozilla/') or starts_with(user_agent, 'Opera/')) then true
        else contains(user_agent, 'http://')
            or contains(user_agent, 'https://')
            or contains(user_agent, 'PowerShell')
            or regexp_matches(user_agent, '(?i:bot|crawler|spider)\b')
    end
