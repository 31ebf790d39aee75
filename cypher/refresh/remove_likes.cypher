// Remove all LIKES and DISLIKES of some identities, before they are summed anew.
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: nothing
// needs:   nothing
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})-[old:LIKES|DISLIKES]->()
DELETE old
