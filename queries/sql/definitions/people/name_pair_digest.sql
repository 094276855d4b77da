-- The digest of two names in either order, as store/registers/identity/name_pair.py makes it.
create macro name_pair_digest(salt, name, other) as
    sha256(
        '["' || salt || '","'
        || least(lower(hex(name)), lower(hex(other))) || '","'
        || greatest(lower(hex(name)), lower(hex(other))) || '"]'
    )
