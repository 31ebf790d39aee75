// Take products out of every answer; their history stays.
// params:  tenant STRING, ids LIST<STRING> (sorted)
// returns: withdrawn INTEGER (how many of them there are); one row
// needs:   nothing
UNWIND $ids AS id
MATCH (p:Product {tenant: $tenant, id: id})
SET p.availability = 'withdrawn'
RETURN count(p) AS withdrawn
