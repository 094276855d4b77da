-- The same text for the spellings of a name that differ in letter case, outer space or Unicode form.
create macro folded_name(name) as lower(trim(nfc_normalize(name)))
