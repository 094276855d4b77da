"""One period of a person compared with another."""
