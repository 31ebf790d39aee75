"""Which records are of one person: rows in, scored pairs and clusters out. Pure, and nothing is kept."""
