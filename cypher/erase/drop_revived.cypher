// Remove identities that this transaction made of somebody who was erased; one with anything on it is left to its erasure.
// params:  tenant STRING, ids LIST<STRING>
// returns: nothing
// needs:   the locks of ingest/take_events in the same transaction
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
WHERE NOT EXISTS { (i)--() }
DELETE i
