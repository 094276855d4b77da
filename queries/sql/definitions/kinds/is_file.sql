-- Whether an answer is a file, as its headers, its type, or the end of its path say it.
--
-- `dest` empty with `mode` navigate is what a browser sends for a link with `download`. A type that
-- says little is no file where an element of the page asked for it.
create macro is_file(dest, mode, disposition, content, ending) as
    case
        when disposition is not null and regexp_matches(disposition, '^\s*"?attachment', 'i') then true
        when dest = 'empty' and mode = 'navigate' then true
        when content in ('page', 'asset', 'data') then false
        when content = 'file' then true
        when content = 'media'
            then ending <> 'segment' and coalesce(dest, '') not in ('audio', 'video', 'track')
        when dest is not null and not list_contains(
            ['empty', 'document', 'iframe', 'frame', 'embed', 'object'], dest
        ) then false
        when content = 'octets' then ending not in ('asset', 'segment')
        else ending = 'file'
    end
