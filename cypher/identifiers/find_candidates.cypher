// The identities that are known by some identifiers, through links that are live now.
// params:  tenant STRING, digests LIST<STRING>, unique_types LIST<STRING> (types of unique class that were asked for),
//          now ZONED DATETIME, reach INTEGER (links of one identifier that are looked at)
// returns: digest STRING, candidates LIST<MAP> (id, kind, confidence FLOAT 0..1, unique_types LIST<STRING>), one entry
//          an identity; one row per identifier found
// needs:   KNOWN_BY, written by ingest/upsert_identities and links/
UNWIND $digests AS digest
MATCH (known:Identifier {tenant: $tenant, id: digest})
CALL (known) {
  MATCH (known)<-[r:KNOWN_BY]-(i:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  // Which ones is of no matter: a value with more than that is over every cap.
  WITH i, r
  LIMIT $reach
  WITH i, max(r.confidence) AS confidence
  RETURN collect({
    id: i.id,
    kind: i.kind,
    confidence: confidence,
    unique_types: COLLECT {
      MATCH (i)-[other:KNOWN_BY]->(named:Identifier)
      WHERE
        named.type IN $unique_types
        AND other.first_seen <= $now
        AND coalesce(other.valid_until > $now, true)
      RETURN DISTINCT named.type
    }
  }) AS candidates
}
RETURN digest, candidates
