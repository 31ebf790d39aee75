// Sessions on a login that several may use: whose each is, is a probability on an edge.
CREATE CONSTRAINT session_key IF NOT EXISTS FOR (n:Session) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX session_open IF NOT EXISTS FOR (n:Session) ON (n.tenant, n.open);
