-- Whether a status means that the client has the answer's content: it was sent, or the client had
-- it already (304). An unknown status counts: what may have been taken is not left out.
create macro is_delivered(status) as
    coalesce(status between 200 and 299 and status not in (204, 205) or status = 304, true)
