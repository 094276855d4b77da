"""What SQLite and PostgreSQL each do in a way of their own, as the store's catalog."""
