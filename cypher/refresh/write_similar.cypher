// Weighted cosine between products over those who like them, shrunk where evidence is thin and damped
// where either end is liked by many, as SIMILAR_TO of a run.
// params:  graph STRING, tenant STRING, run STRING, per_product INTEGER, min_likers INTEGER, max_likers INTEGER,
//          shrinkage FLOAT, damp_from FLOAT, damp_to FLOAT (exponents on the likers of either end), concurrency INTEGER, job STRING (for refresh/read_progress)
// returns: similar INTEGER (edges written); one row
// needs:   the projection by refresh/project_likes, Product.evidence_norm and .likers by refresh/score_products
// again:   finds its edges and sets their weights
CALL gds.nodeSimilarity.stream($graph, {
  similarityMetric: 'COSINE',
  relationshipWeightProperty: 'weight',
  topK: $per_product,
  degreeCutoff: $min_likers,
  upperDegreeCutoff: $max_likers,
  concurrency: $concurrency,
  // GDS holds on to the id of a job that failed, so a second attempt needs another.
  jobId: $job + '/' + randomUUID()
})
YIELD node1, node2, similarity
CALL (node1, node2, similarity) {
  WITH gds.util.asNode(node1) AS a, gds.util.asNode(node2) AS b, similarity
  WITH a, b, similarity, a.evidence_norm * b.evidence_norm AS evidence
  WHERE a.tenant = $tenant
  MERGE (a)-[near:SIMILAR_TO {run: $run}]->(b)
  SET near.weight = similarity * evidence / (evidence + $shrinkage) * a.likers ^ -$damp_from * b.likers ^ -$damp_to
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS similar
