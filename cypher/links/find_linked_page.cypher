// Some of the identities that a person or an identifier may join to others, by id.
// params:  tenant STRING, after STRING (id of the last one seen, or empty), limit INTEGER
// returns: id STRING; ordered by id
// needs:   nothing
MATCH (i:Identity {tenant: $tenant})
WHERE i.id > $after AND (EXISTS { (i)<-[:HAS_IDENTITY]-() } OR EXISTS { (i)-[:KNOWN_BY]->() })
RETURN i.id AS id
ORDER BY id
LIMIT $limit
