-- Before this hour nothing is a silence: Cloudflare served its first request on that day.
create macro rules.silence_since() as timestamp '2010-09-27'
