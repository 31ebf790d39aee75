// A product and its neighbours: the frozen pizza, what the crowd buys with it, and what is bought with that.
// look for: the first ring holds the eight products most similar to the centre, the second what is most similar to
//           those. No tag was used to find them, only baskets; the tags show that they gather by use all the same.
// adapt:    tenant and product in the first line, e.g. 1116460 (cat food) or 839238 (baby food).
//           `:config autoComplete: false` first: it keeps Browser from adding every edge between these products.
// needs:    an active Run and its SIMILAR_TO (refresh/write_similar); tags of facet category
WITH 'demo' AS tenant, '838602' AS product_id
MATCH (run:Run {tenant: tenant, active: true})
MATCH (centre:Product {tenant: tenant, id: product_id})
CALL (run, centre) {
  MATCH (centre)-[similar:SIMILAR_TO]->(near:Product)
  WHERE similar.run = run.id
  RETURN similar, near
  ORDER BY similar.weight DESC, near.id
  LIMIT 8
}
CALL (run, centre, near) {
  MATCH (near)-[further:SIMILAR_TO]->(far:Product)
  WHERE further.run = run.id AND far <> centre
  RETURN further, far
  ORDER BY further.weight DESC, far.id
  LIMIT 2
}
OPTIONAL MATCH near_filed = (near)-[:TAGGED]->(:Tag {facet: 'category'})
OPTIONAL MATCH far_filed = (far)-[:TAGGED]->(:Tag {facet: 'category'})
RETURN centre, similar, near, further, far, near_filed, far_filed
LIMIT 100
