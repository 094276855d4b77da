"""Named anomalies of a person's period, each with its evidence."""
