-- How long after a page a request to the same host belongs to it, where no Referer says it.
create macro fold_pause() as interval 30 seconds
