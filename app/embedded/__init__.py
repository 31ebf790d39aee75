"""A real Neo4j with GDS when no server is named."""
