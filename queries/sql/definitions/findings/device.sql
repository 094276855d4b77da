-- The browser and the operating system that a user agent names, never a version: 'Chrome on Windows'.
-- A tool is its first word, such as 'curl'; '' stands for an empty user agent. A browser without a window is
-- run by a program.
create macro rules.device(user_agent) as
    case
        when coalesce(user_agent, '') = '' then ''
        when not regexp_matches(user_agent, '^(Mozilla|Opera)/') then
            lower(regexp_extract(user_agent, '^[^/ (]+'))
        when regexp_matches(user_agent, '(HeadlessChrome|PhantomJS)/') then 'headless browser'
        else
            case
                when regexp_matches(user_agent, 'Edg(e|A|iOS)?/') then 'Edge'
                when regexp_matches(user_agent, '(OPR|Opera|OPiOS)/') then 'Opera'
                when contains(user_agent, 'SamsungBrowser/') then 'Samsung Internet'
                when regexp_matches(user_agent, '(Firefox|FxiOS)/') then 'Firefox'
                when regexp_matches(user_agent, '(Chrome|CriOS|Chromium)/') then 'Chrome'
                when contains(user_agent, 'Safari/') then 'Safari'
                else 'another browser'
            end
            || ' on ' ||
            case
                when contains(user_agent, 'Windows') then 'Windows'
                when contains(user_agent, 'Android') then 'Android'
                when regexp_matches(user_agent, 'iPhone|iPad|iPod') then 'iOS'
                when contains(user_agent, 'Mac OS X') then 'macOS'
                when contains(user_agent, 'CrOS') then 'ChromeOS'
                when contains(user_agent, 'Linux') then 'Linux'
                else 'another system'
            end
    end
