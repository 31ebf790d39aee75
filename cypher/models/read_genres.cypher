// The microgenres of a run and their products.
// params:  tenant STRING, run STRING
// returns: genre STRING, label STRING or NULL, members LIST<STRING> (products), shares LIST<FLOAT>; one row a microgenre,
//          by node id
// needs:   microgenres/write_in_genre
MATCH (g:MicroGenre {tenant: $tenant, run: $run})
CALL (g) {
  MATCH (p:Product)-[in:IN_GENRE]->(g)
  WHERE in.run = $run
  RETURN collect(p.id) AS members, collect(in.weight) AS shares
}
RETURN g.genre AS genre, g.label AS label, members, shares
ORDER BY g.id
