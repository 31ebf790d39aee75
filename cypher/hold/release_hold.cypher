// Let everybody write again.
// params:  tenant STRING, owner STRING
// returns: nothing
// needs:   nothing; whoever has lost the hold changes nothing
MATCH (h:Hold {tenant: $tenant, id: 'writes', owner: $owner})
DELETE h
