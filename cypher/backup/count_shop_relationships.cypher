// How many relationships of each type a shop has.
// params:  tenant STRING
// returns: type STRING, count INTEGER; one row a type, by type
// needs:   nothing; reads every node
MATCH (n {tenant: $tenant})-[r]->()
RETURN type(r) AS type, count(r) AS count
ORDER BY type
