-- A host or a path with `*` for anything as a LIKE pattern with a backslash as the escape character.
create macro like_text(place) as
    replace(replace(replace(replace(place, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')
