// Some identities that like something, whoever comes first: the service asks itself for them after a start.
// params:  tenant STRING, limit INTEGER 1..100
// returns: id STRING; at most limit rows, in no order
// needs:   LIKES kept by ingest/
MATCH (i:Identity {tenant: $tenant})
WHERE EXISTS { (i)-[:LIKES]->(:Product) }
RETURN i.id AS id
LIMIT $limit
