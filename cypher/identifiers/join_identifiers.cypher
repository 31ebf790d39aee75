// Bring together what was kept of one value under two keys: the links of the older node go to the current one, as if
// they had been asserted there.
// params:  tenant STRING, rows LIST<MAP> (digest, older: the digest under another key)
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction
UNWIND $rows AS row
MATCH (current:Identifier {tenant: $tenant, id: row.digest})
MATCH (older:Identifier {tenant: $tenant, id: row.older})
CALL (current, older) {
  MATCH (older)<-[r:KNOWN_BY]-(i:Identity)
  MERGE (i)-[kept:KNOWN_BY {source: r.source}]->(current)
  ON CREATE SET kept = properties(r)
  WITH r, kept,
    r.last_seen > kept.last_seen AS is_later,
    r.last_seen = kept.last_seen AS is_equal
  SET
    kept.confidence =
      CASE
        WHEN is_later OR is_equal AND r.confidence < kept.confidence THEN r.confidence
        ELSE kept.confidence
      END,
    kept.valid_until =
      CASE
        WHEN is_later OR is_equal AND coalesce(r.valid_until < kept.valid_until, r.valid_until IS NOT NULL)
          THEN r.valid_until
        ELSE kept.valid_until
      END,
    kept.first_seen = CASE WHEN r.first_seen < kept.first_seen THEN r.first_seen ELSE kept.first_seen END,
    kept.last_seen = CASE WHEN is_later THEN r.last_seen ELSE kept.last_seen END
}
DETACH DELETE older
