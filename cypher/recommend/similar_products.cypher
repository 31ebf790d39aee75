// The products most like one product, that may be recommended.
// params:  tenant STRING, product_id STRING, offered LIST<STRING> (availabilities), limit INTEGER 1..100
// returns: run STRING or NULL, model_version STRING or NULL, items LIST<MAP> (product_id, title, score FLOAT), best
//          first; one row, none when the tenant has no such product; items are empty before the first run
// needs:   SPEAKS_IN of the active Run, written by app/jobs/similarity.py
MATCH (p:Product {tenant: $tenant, id: $product_id})
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
RETURN
  run.id AS run,
  run.model_version AS model_version,
  COLLECT {
    MATCH (p)-[speaks:SPEAKS_IN]->(run)
    UNWIND range(0, size(speaks.product_ids) - 1) AS rank
    WITH speaks.product_ids[rank] AS id, speaks.weights[rank] AS weight
    MATCH (near:Product {tenant: $tenant, id: id})
    WHERE near.availability IN $offered AND coalesce(near.expiration_date > datetime(), true)
    RETURN {product_id: near.id, title: near.title, score: weight}
    ORDER BY weight DESC, near.id
    LIMIT $limit
  } AS items
