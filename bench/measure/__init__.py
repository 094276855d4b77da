"""One module for each thing that is measured; each returns its findings."""
