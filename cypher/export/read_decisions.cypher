// A page of the answers that an identity was given.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING, at_ms INTEGER, channel STRING, placement STRING or NULL, outcome STRING, run STRING or NULL,
//          product_ids LIST<STRING>, sources LIST<STRING>, scores LIST<FLOAT>, propensities LIST<FLOAT>, creative_ids
//          LIST<STRING> or NULL (where none were chosen; so the next ones), creative_propensities LIST<FLOAT>, community_ids
//          LIST<STRING>, community_weights LIST<FLOAT>, eligible_creatives LIST<STRING> (JSON: chances by id), candidate_ids
//          LIST<STRING> or NULL (where no products were drawn; so the next ones), candidate_scores LIST<FLOAT>, exploration
//          FLOAT, first_place INTEGER, deterministic LIST<BOOLEAN> or NULL (where nothing was pinned or planned), experiment
//          STRING or NULL, arm STRING or NULL; by id
// needs:   nothing
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:RECEIVED]->(d:Decision)
WHERE d.id > $after
RETURN
  d.id AS id,
  d.at.epochMillis AS at_ms,
  d.channel AS channel,
  d.placement AS placement,
  d.outcome AS outcome,
  d.run AS run,
  d.product_ids AS product_ids,
  d.sources AS sources,
  d.scores AS scores,
  d.propensities AS propensities,
  d.creative_ids AS creative_ids,
  d.creative_propensities AS creative_propensities,
  d.community_ids AS community_ids,
  d.community_weights AS community_weights,
  d.eligible_creatives AS eligible_creatives,
  d.candidate_ids AS candidate_ids,
  d.candidate_scores AS candidate_scores,
  d.exploration AS exploration,
  d.first_place AS first_place,
  d.deterministic AS deterministic,
  d.experiment AS experiment,
  d.arm AS arm
ORDER BY id
LIMIT $limit
