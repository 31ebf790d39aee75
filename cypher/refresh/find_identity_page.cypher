// The next identities in order of id, for work that goes through all of them.
// params:  tenant STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING; sorted
// needs:   nothing
MATCH (i:Identity {tenant: $tenant})
WHERE i.id > $after
RETURN i.id AS id
ORDER BY id
LIMIT $limit
