// Forget a feed.
// params:  tenant STRING, name STRING
// returns: name STRING; one row, none where there was no such feed
// needs:   nothing
MATCH (f:Feed {tenant: $tenant, id: $name})
DELETE f
RETURN $name AS name
