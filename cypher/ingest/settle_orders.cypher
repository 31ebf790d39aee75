// Write how much of purchases counts, when their orders were made, and whose the refunds are that named nobody.
// params:  tenant STRING, identity_ids LIST<STRING> (sorted; those whose likes change), purchases LIST<MAP> (id,
//          ordered_ms INTEGER or NULL, kept LIST<LIST> of [product_id, quantity]), moved LIST<MAP> (id, identity_id)
// returns: nothing
// needs:   the lock of ingest/take_events in the same transaction
CALL () {
  UNWIND $identity_ids AS id
  MATCH (i:Identity {tenant: $tenant, id: id})
  SET i.version = coalesce(i.version, 0) + 1
}
CALL () {
  UNWIND $purchases AS row
  MATCH (x:Interaction {tenant: $tenant, id: row.id})
  SET x.ordered_at = CASE WHEN row.ordered_ms IS NOT NULL THEN datetime({epochMillis: row.ordered_ms}) END
  WITH x, row
  UNWIND row.kept AS pair
  MATCH (x)-[o:OF]->(:Product {tenant: $tenant, id: pair[0]})
  WITH x, pair, collect(o) AS lines
  // Lines of one product were not summed before there were orders: the first speaks for all.
  UNWIND range(0, size(lines) - 1) AS place
  WITH pair, place, lines[place] AS line
  SET line.kept = CASE place WHEN 0 THEN pair[1] ELSE 0.0 END
}
CALL () {
  UNWIND $moved AS row
  MATCH (x:Interaction {tenant: $tenant, id: row.id})<-[did:DID]-(place:Identity)
  MATCH (owner:Identity {tenant: $tenant, id: row.identity_id})
  DELETE did
  CREATE (owner)-[:DID]->(x)
  WITH DISTINCT place
  WHERE place.kind = 'anonymous' AND NOT EXISTS { (place)--() }
  DELETE place
}
