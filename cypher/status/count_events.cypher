// How many events a tenant has.
// params:  tenant STRING
// returns: events INTEGER; one row
// needs:   nothing
MATCH (x:Interaction {tenant: $tenant})
RETURN count(x) AS events
