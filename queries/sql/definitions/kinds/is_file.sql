-- Whether an answer is a file, as its headers, its type, or the end of its path say it.
--
-- `dest` empty with `mode` navigate is what a browser sends for a link with `download`. A type that
-- says little is no file where an element of the page asked for it.
create macro is_file(dest, mode, disposition, content, ending) as
    regexp_matches(coalesce(disposition, ''), '^\s*"?attachment', 'i')
    or (coalesce(dest, '') = 'empty' and coalesce(mode, '') = 'navigate')
    or content = 'file'
    or (
        content = 'media'
        and coalesce(dest, '') not in ('audio', 'video', 'track')
        and ending <> 'segment'
    )
    or (
        coalesce(dest, '') in ('', 'empty', 'document', 'iframe', 'frame', 'embed', 'object')
        and (
            (content = 'octets' and ending not in ('asset', 'segment'))
            or (content in ('', 'text') and ending = 'file')
        )
    )
