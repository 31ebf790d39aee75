"""The only code that speaks Neo4j."""
