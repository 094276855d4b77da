"""Who visited a host or a path of it."""
