// Whose interactions a session holds, and who has claimed some of them.
// params:  tenant STRING, session_id STRING
// returns: owner STRING, kind STRING (of the owner), claimer STRING or NULL, claim STRING or NULL (its id); one row per
//          combination, at most 1,000
// needs:   nothing
MATCH (x:Interaction {tenant: $tenant, session_id: $session_id})<-[:DID]-(owner:Identity)
OPTIONAL MATCH (x)<-[claim:CLAIMED]-(claimer:Identity)
RETURN DISTINCT owner.id AS owner, owner.kind AS kind, claimer.id AS claimer, claim.id AS claim
ORDER BY owner, claimer, claim
LIMIT 1000
