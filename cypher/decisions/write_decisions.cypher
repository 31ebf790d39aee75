// Keep answers that were given, and to whom where the identity consented and exists.
// params:  tenant STRING, rows LIST<MAP> (id, identity_id or NULL, properties MAP (at, door, placement, outcome, run,
//          product_ids, sources, scores, propensities))
// returns: nothing
// needs:   the constraint decision_key
UNWIND $rows AS row
MERGE (d:Decision {tenant: $tenant, id: row.id})
ON CREATE SET d += row.properties
WITH d, row
WHERE row.identity_id IS NOT NULL
MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
MERGE (i)-[:RECEIVED]->(d)
