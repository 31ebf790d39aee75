// What tags are called, and of what kind they are.
// params:  tenant STRING
// returns: id STRING, name STRING, facet STRING; by id
// needs:   nothing
MATCH (t:Tag {tenant: $tenant})
RETURN t.id AS id, coalesce(t.name, t.id) AS name, coalesce(t.facet, 'tag') AS facet
ORDER BY id
