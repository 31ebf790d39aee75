// Forget an audience; what receivers hold of it stays on account until it expires.
// params:  tenant STRING, name STRING
// returns: name STRING; no row when there is no such audience
// needs:   the constraint audience_key
MATCH (a:Audience {tenant: $tenant, id: $name})
WITH a, a.id AS name
DELETE a
RETURN name
