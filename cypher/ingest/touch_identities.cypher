// Make sure that the identities of a batch exist, and mark that something about them changed.
// params:  tenant STRING, ids LIST<STRING> (sorted), cancelling_ids LIST<STRING> (those with a refund or return of no order
//          in the batch),
//          public_ids LIST<STRING> (those of whom no server's key speaks in the batch), now ZONED DATETIME (by our clock)
// returns: id STRING; one row per identity that has ever had a refund or return of no order
// needs:   nothing
UNWIND $ids AS id
MERGE (i:Identity {tenant: $tenant, id: id})
ON CREATE SET
  i.kind = 'anonymous',
  i.version = 0
SET
  i.version = i.version + 1,
  // Who came by a public key; a server's word, and who has a history without this mark, stand for themselves.
  i.public_since = CASE
    WHEN NOT id IN $public_ids THEN null
    WHEN EXISTS { (i)-[:DID]->() } THEN i.public_since
    ELSE $now
  END,
  i.has_refunds = CASE WHEN id IN $cancelling_ids THEN true ELSE i.has_refunds END
WITH i
WHERE i.has_refunds
RETURN i.id AS id
