// Put identities; the links that are asserted together with them follow (links/assert_links).
// params:  tenant STRING, at ZONED DATETIME, rows LIST<MAP> (id, kind, time_zone or NULL, reachable LIST<STRING> sorted, or
//          NULL; what is NULL stays as it was); sorted by id
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction; nobody among them who was erased
UNWIND $rows AS row
MERGE (i:Identity {tenant: $tenant, id: row.id})
ON CREATE SET i.version = 0
WITH i, row, row.reachable IS NOT NULL AND coalesce(i.reachable <> row.reachable, true) AS is_news
SET
  i.kind = row.kind,
  i.version = i.version + 1,
  i.time_zone = coalesce(row.time_zone, i.time_zone),
  // What bounced stays unreachable while the shop only says again what it said before.
  i.reachable_at = CASE WHEN is_news THEN $at ELSE i.reachable_at END,
  i.reachable = coalesce(row.reachable, i.reachable)
