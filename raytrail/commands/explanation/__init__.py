"""Commands that explain one request, list who visited a host, and compare two periods."""
