// The products most like one product, that may be recommended.
// params:  tenant STRING, product_id STRING, offered LIST<STRING> (availabilities), limit INTEGER 1..100
// returns: run STRING or NULL, model_version STRING or NULL, items LIST<MAP> (product_id, title, score FLOAT), best
//          first; one row, none when the tenant has no such product; items are empty before the first run
// needs:   SIMILAR_TO and LESS_SIMILAR_TO of the active Run, written by app/jobs/similarity.py
MATCH (p:Product {tenant: $tenant, id: $product_id})
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
RETURN
  run.id AS run,
  run.model_version AS model_version,
  COLLECT {
    MATCH (p)-[s:SIMILAR_TO|LESS_SIMILAR_TO]->(near)
    WHERE s.run = run.id AND near.availability IN $offered
    RETURN {product_id: near.id, title: near.title, score: s.weight}
    ORDER BY s.weight DESC, near.id
    LIMIT $limit
  } AS items
