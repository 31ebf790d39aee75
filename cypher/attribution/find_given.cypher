// Who has the evidence of a session without having claimed it, and by which id that is undone.
// params:  tenant STRING, session_id STRING
// returns: identity_id STRING, id STRING
// needs:   CLAIMED, written by attribution/give_evidence
MATCH (x:Interaction {tenant: $tenant, session_id: $session_id})<-[claim:CLAIMED {method: 'posterior'}]-(i:Identity)
RETURN DISTINCT i.id AS identity_id, claim.id AS id
ORDER BY identity_id, id
