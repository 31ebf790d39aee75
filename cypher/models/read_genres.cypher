// The microgenres of a run, their products, and the new ones that they introduce.
// params:  tenant STRING, run STRING
// returns: genre STRING, label STRING or NULL, members LIST<STRING> (products), shares LIST<FLOAT>, introduced LIST<STRING>
//          (products), weights LIST<FLOAT>; one row a microgenre, by node id
// needs:   microgenres/write_in_genre, refresh/write_introductions
MATCH (g:MicroGenre {tenant: $tenant, run: $run})
CALL (g) {
  MATCH (p:Product)-[in:IN_GENRE]->(g)
  WHERE in.run = $run
  RETURN collect(p.id) AS members, collect(in.weight) AS shares
}
CALL (g) {
  MATCH (g)-[introduces:INTRODUCES]->(p:Product)
  WHERE introduces.run = $run
  RETURN collect(p.id) AS introduced, collect(introduces.weight) AS weights
}
RETURN g.genre AS genre, g.label AS label, members, shares, introduced, weights
ORDER BY g.id
