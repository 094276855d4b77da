"""The files that settings name: how each is read, and which line of it is wrong."""
