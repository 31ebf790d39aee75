// How many identities there are.
// params:  tenant STRING
// returns: identities INTEGER; one row
// needs:   nothing
MATCH (i:Identity {tenant: $tenant})
RETURN count(i) AS identities
