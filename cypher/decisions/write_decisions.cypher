// Keep answers that were given, and to whom where the identity consented; one whose identity was erased since is not kept.
// params:  tenant STRING, rows LIST<MAP> (id, identity_id or NULL, properties MAP (at, channel, placement, scenario, outcome, run,
//          product_ids, sources, scores, propensities; where a place was pinned deterministic LIST<BOOLEAN>; where products were drawn
//          candidate_ids, candidate_scores (best first), exploration, first_place; where creatives were chosen creative_ids, creative_propensities,
//          community_ids, community_weights (for whom), deterministic (the creative was pinned or planned), eligible_creatives LIST<STRING> (JSON: chances by id);
//          where an experiment was on experiment, arm, unit STRING (keyed hash of whose arm it is)))
// returns: nothing
// needs:   the constraint decision_key
UNWIND $rows AS row
OPTIONAL MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
WITH row, i
WHERE row.identity_id IS NULL OR i IS NOT NULL
MERGE (d:Decision {tenant: $tenant, id: row.id})
ON CREATE SET d += row.properties
WITH d, i
WHERE i IS NOT NULL
MERGE (i)-[:RECEIVED]->(d)
