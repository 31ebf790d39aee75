// Make sure that the identities of a batch exist, and mark that something about them changed.
// params:  tenant STRING, ids LIST<STRING> (sorted), cancelling_ids LIST<STRING> (those with a refund or return in the batch)
// returns: id STRING; one row per identity that has ever had a refund or return
// needs:   nothing
UNWIND $ids AS id
MERGE (i:Identity {tenant: $tenant, id: id})
ON CREATE SET
  i.kind = 'anonymous',
  i.version = 0
SET
  i.version = i.version + 1,
  i.has_refunds = CASE WHEN id IN $cancelling_ids THEN true ELSE i.has_refunds END
WITH i
WHERE i.has_refunds
RETURN i.id AS id
