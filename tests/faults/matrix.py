ROWS: dict[str, object] = {}
