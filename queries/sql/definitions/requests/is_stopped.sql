-- Whether a security rule blocked or challenged the request, by SecurityAction.
create macro is_stopped(security_action) as
    regexp_matches(
        replace(coalesce(security_action, ''), '_', ''),
        '^(block|drop|(force)?connectionclose|(js|managed)?challenge(failed)?)$', 'i'
    )
