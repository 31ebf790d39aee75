// Forget a creative.
// params:  tenant STRING, id STRING
// returns: id STRING; no row when there is no such creative
// needs:   the constraint creative_key
MATCH (c:Creative {tenant: $tenant, id: $id})
WITH c, c.id AS id
DELETE c
RETURN id
