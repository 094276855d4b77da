-- What a content type says of an answer: 'page', 'asset' (a page loads it), 'media', 'data' (an API's
-- format), 'file', 'octets' or 'text' (types that servers give to anything), or '' (no type).
--
-- A type that no rule names is a file: a list of downloads may be too long, but not too short.
create macro content_of(content_type) as
    case
        -- The usual ones, without a search.
        when content_type in ('text/html', 'text/html; charset=utf-8') then 'page'
        when content_type in ('application/json', 'application/json; charset=utf-8') then 'data'
        when content_type in ('text/javascript', 'text/css', 'image/png', 'image/svg+xml') then 'asset'
        when regexp_matches(coalesce(content_type, ''), '^\s*(unknown)?\s*(;|$)', 'i') then ''
        when regexp_matches(content_type, '^\s*(text/html|application/xhtml\+xml)', 'i') then 'page'
        when regexp_matches(content_type, '^\s*text/plain', 'i') then 'text'
        when regexp_matches(content_type, '^\s*(application|binary)/octet-stream', 'i') then 'octets'
        when regexp_matches(
            content_type,
            '^\s*((image|font)/|text/(css|vtt|javascript|ecmascript|x-component)'
            || '|application/((x-)?(javascript|ecmascript)|wasm|(x-)?font|vnd\.ms-fontobject'
            || '|manifest\+json|vnd\.apple\.mpegurl|x-mpegurl|dash\+xml))', 'i'
        ) then 'asset'
        when regexp_matches(content_type, '^\s*(audio|video)/', 'i') then 'media'
        when regexp_matches(
            content_type,
            '^\s*((text|application)/(x-)?(json|xml|ndjson|graphql|protobuf|msgpack|yaml)'
            || '|application/(cbor|grpc|connect|problem|vnd\.google\.protobuf|x-jsonlines'
            || '|x-www-form-urlencoded|ocsp|dns-message|x-git-)'
            || '|text/(event-stream|ping)|multipart/|message/http|x-unknown'
            || '|[a-z]+/[a-z0-9.-]+\+(json|xml|proto|protobuf|cbor|thrift))', 'i'
        ) then 'data'
        else 'file'
    end
