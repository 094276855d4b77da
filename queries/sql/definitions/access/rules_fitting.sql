-- The rules for one host, as identity_of() takes them, of the rules of rules_in_force().
create macro rules_fitting(host_key, rules) as
    list_transform(
        list_filter(rules, lambda rule: fits_host(rule, host_key)),
        lambda rule: {
            host: host_key,
            path: rule.path,
            openings: list_transform(
                list_filter(rule.openings, lambda opening: fits_host(opening, host_key)),
                lambda opening: opening.path
            ),
            since: rule.since,
            until: rule.until
        }
    )
