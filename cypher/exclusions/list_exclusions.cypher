// What an identity excludes, by id.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER 1..1000
// returns: id STRING, kind STRING, value STRING, product_id STRING or NULL, at_ms INTEGER; by id
// needs:   EXCLUDES, written by exclusions/add_exclusion
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:EXCLUDES]->(e:Exclusion)
WHERE e.id > $after
RETURN
  e.id AS id,
  e.kind AS kind,
  e.value AS value,
  e.product_id AS product_id,
  e.at.epochMillis AS at_ms
ORDER BY id
LIMIT $limit
