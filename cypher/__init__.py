"""Every Cypher statement, one a file; the path is the name."""
