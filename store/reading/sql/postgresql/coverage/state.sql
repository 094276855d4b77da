-- Changes whenever a verdict does, or a text of one is blanked.
SELECT count(*), max(sequence), sum(length(dataset) + length(why))
FROM coverage
