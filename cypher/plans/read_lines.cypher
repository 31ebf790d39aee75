// A page of the lines of a plan.
// params:  tenant STRING, plan STRING, after STRING (the last identity of the page before; '' at first), limit INTEGER
// returns: identity_id STRING, line STRING, product_ids LIST<STRING>, creative_ids LIST<STRING>, sources LIST<STRING>, gains
//          LIST<FLOAT>, exported BOOLEAN, ended BOOLEAN; by identity
// needs:   PLANNED_IN, written by plans/add_lines
MATCH (:Plan {tenant: $tenant, id: $plan})<-[planned:PLANNED_IN]-(i:Identity)
WHERE i.id > $after
RETURN
  i.id AS identity_id,
  planned.line AS line,
  planned.product_ids AS product_ids,
  planned.creative_ids AS creative_ids,
  planned.sources AS sources,
  planned.gains AS gains,
  planned.exported_at IS NOT NULL AS exported,
  planned.ended_at IS NOT NULL AS ended
ORDER BY identity_id
LIMIT $limit
