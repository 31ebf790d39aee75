// Proposals of one status, those that are most likely first.
// params:  tenant STRING, status STRING, kind STRING or NULL, below FLOAT (of the last one seen, or 2), after STRING (its id, or
//          empty), limit INTEGER
// returns: id STRING, kind STRING, one STRING, other STRING, probability FLOAT, fields STRING (JSON), at_ms INTEGER,
//          status STRING, decided_ms INTEGER or NULL; by falling probability, then id
// needs:   MAY_BE, written by proposals/write_proposals
MATCH (one:Identity {tenant: $tenant})-[r:MAY_BE {status: $status}]->(other:Identity {tenant: $tenant})
USING INDEX r:MAY_BE(status)
WHERE
  coalesce(r.kind = $kind, true)
  AND (r.probability < $below OR r.probability = $below AND r.id > $after)
RETURN
  r.id AS id,
  r.kind AS kind,
  one.id AS one,
  other.id AS other,
  r.probability AS probability,
  r.fields AS fields,
  r.at.epochMillis AS at_ms,
  r.status AS status,
  r.decided_at.epochMillis AS decided_ms
ORDER BY probability DESC, id
LIMIT $limit
