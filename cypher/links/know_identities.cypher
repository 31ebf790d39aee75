// Make sure that these identities exist; who is new is anonymous.
// params:  tenant STRING, ids LIST<STRING> (sorted)
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction; nobody among them who was erased
UNWIND $ids AS id
MERGE (i:Identity {tenant: $tenant, id: id})
ON CREATE SET
  i.kind = 'anonymous',
  i.version = 0
