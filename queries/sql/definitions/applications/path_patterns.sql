-- LIKE patterns for the path of an application and everything below it. Where it ends with `/*`, the
-- folder itself, with a slash at its end, is not covered.
create macro path_patterns(path) as
    case
        when path in ('', '*') then ['%']
        when ends_with(path, '/*') then [left('/' || like_text(path), -1) || '_%']
        else ['/' || like_text(path), '/' || like_text(path) || '/%']
    end
