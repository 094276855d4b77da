-- What the end of a path says of an answer: 'asset' (a page loads it), 'segment' (a piece of a
-- stream), 'file', 'data' (an API's format), or ''.
create macro ending_of(path) as
    case
        when not contains(path, '.') then ''
        when regexp_matches(
            path,
            '\.(css|js|mjs|map|wasm|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot'
            || '|mp3|mp4|webm|ogg|webmanifest)$', 'i'
        ) then 'asset'
        when not regexp_matches(path, '\.[A-Za-z0-9]{2,8}$') then ''
        when regexp_matches(path, '\.(ts|m4s|m4f|cmf[avt]|m3u8|mpd|vtt)$', 'i') then 'segment'
        when regexp_matches(path, '\.(json|xml|ndjson|jsonl|rss|atom|ya?ml|graphql)$', 'i')
            then 'data'
        when regexp_matches(
            path,
            '\.(zip|tar|gz|tgz|bz2|tbz2?|xz|txz|7z|rar|zst|lz4|jar|war|whl|gem|crate|nupkg'
            || '|iso|img|dmg|pkg|msi|exe|deb|rpm|apk|ipa|appimage|vmdk|qcow2|ova|bin|dll|so'
            || '|pdf|csv|tsv|xls[xmb]?|ods|docx?|docm|odt|rtf|ppt[xm]?|odp|vsdx?|pages|numbers|key'
            || '|epub|mobi|ics|vcf|eml|msg|mbox|pst|ost|sql|dump|bak|db|sqlite3?|mdb|accdb'
            || '|parquet|avro|orc|feather|h5|pickle|pkl|npz|pem|p12|pfx|crt|cer|jks|kdbx|ovpn'
            || '|mov|avi|mkv|m4[av]|wav|flac|aac|wmv|psd|ai|indd|dwg|dxf|step|stl|heic|tiff?'
            || '|bundle|patch|diff|har|pcap|pcapng|evtx|torrent)$', 'i'
        ) then 'file'
        else ''
    end
