// Links are one relationship a source, found by an id; what was ended is remembered as keyed hashes.
CREATE CONSTRAINT ended_link_key IF NOT EXISTS FOR (n:EndedLink) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX ended_link_start IF NOT EXISTS FOR (n:EndedLink) ON (n.tenant, n.start_hash);
CREATE INDEX ended_link_end IF NOT EXISTS FOR (n:EndedLink) ON (n.tenant, n.end_hash);
CREATE INDEX has_identity_id IF NOT EXISTS FOR ()-[r:HAS_IDENTITY]-() ON (r.id);
CREATE INDEX used_by_id IF NOT EXISTS FOR ()-[r:USED_BY]-() ON (r.id);
CREATE INDEX belongs_to_id IF NOT EXISTS FOR ()-[r:BELONGS_TO]-() ON (r.id);
CREATE INDEX lives_in_id IF NOT EXISTS FOR ()-[r:LIVES_IN]-() ON (r.id);
CREATE INDEX known_by_id IF NOT EXISTS FOR ()-[r:KNOWN_BY]-() ON (r.id);
CREATE INDEX follows_id IF NOT EXISTS FOR ()-[r:FOLLOWS]-() ON (r.id);
CREATE INDEX not_same_as_id IF NOT EXISTS FOR ()-[r:NOT_SAME_AS]-() ON (r.id);
// Links of before had one time each, and no id.
MATCH ()-[r:HAS_IDENTITY|USED_BY|BELONGS_TO|LIVES_IN|KNOWN_BY|FOLLOWS|NOT_SAME_AS]->()
WHERE r.id IS NULL
CALL (r) {
  SET
    r.id = replace(randomUUID(), '-', ''),
    r.source = coalesce(r.source, 'api'),
    r.confidence = coalesce(r.confidence, 1.0),
    r.first_seen = coalesce(r.first_seen, r.since, datetime()),
    r.last_seen = coalesce(r.last_seen, r.since, datetime())
  REMOVE r.since
} IN TRANSACTIONS OF 10000 ROWS;
