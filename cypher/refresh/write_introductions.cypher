// New products of every microgenre, which too few like yet to be known by it, as INTRODUCES of a run.
// params:  tenant STRING, run STRING, few INTEGER (likers below which a product is new), per_genre INTEGER
// returns: introductions INTEGER; one row
// needs:   IN_GENRE of the run, Product.likers by refresh/score_products
MATCH (g:MicroGenre {tenant: $tenant})
WHERE g.run = $run
CALL (g) {
  MATCH (p:Product)-[in:IN_GENRE]->(g)
  WHERE coalesce(p.likers, 0) < $few AND in.run = $run
  WITH g, p, in.weight AS weight
  ORDER BY weight DESC, p.id
  LIMIT $per_genre
  CREATE (g)-[:INTRODUCES {run: $run, weight: weight}]->(p)
  RETURN count(*) AS written
}
RETURN coalesce(sum(written), 0) AS introductions
