-- From this many bytes on, an answer that is no page is a download, whatever its type: pages of
-- APIs and the pictures of a page stay below, an export of a table or a film does not.
create macro large_answer() as 10000000
