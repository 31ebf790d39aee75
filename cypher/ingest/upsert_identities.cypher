// Put identities; the links that are asserted together with them follow (links/assert_links).
// params:  tenant STRING, rows LIST<MAP> (id, kind); sorted by id
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction; nobody among them who was erased
UNWIND $rows AS row
MERGE (i:Identity {tenant: $tenant, id: row.id})
ON CREATE SET i.version = 0
SET
  i.kind = row.kind,
  i.version = i.version + 1
