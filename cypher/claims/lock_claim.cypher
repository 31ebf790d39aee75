// Whose claim it is; the identity is locked until this transaction ends, and marked as changed.
// params:  tenant STRING, id STRING
// returns: identity_id STRING, session_id STRING; one row, none when there is no such claim
// needs:   CLAIMED, written by claims/claim_session
MATCH (i:Identity {tenant: $tenant})-[claim:CLAIMED {id: $id}]->(:Interaction)
WITH DISTINCT i, claim.session_id AS session_id
SET i.version = i.version + 1
RETURN i.id AS identity_id, session_id
