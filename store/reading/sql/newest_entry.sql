SELECT coalesce(max(sequence), 0),
       coalesce((SELECT digest FROM entries ORDER BY sequence DESC LIMIT 1), '')
FROM entries
