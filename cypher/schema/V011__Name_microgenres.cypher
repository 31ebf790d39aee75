// Names that people give to microgenres: asserted facts, kept by every run.
CREATE CONSTRAINT genre_name_key IF NOT EXISTS FOR (n:GenreName) REQUIRE (n.tenant, n.id) IS UNIQUE;
