// What a filter names: whether there is such a thing, and which products are of it.
// params:  tenant STRING, communities LIST<STRING>, genres LIST<STRING>, brands LIST<STRING>
// returns: run STRING or NULL (the active one), communities LIST<STRING> (those that there are), genres LIST<LIST> of [id,
//          product ids LIST<STRING>] (those that there are), brands LIST<LIST> of the same; one row
// needs:   TasteCommunity and IN_GENRE of the run
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
CALL (run) {
  UNWIND $communities AS id
  MATCH (c:TasteCommunity {tenant: $tenant, id: id + '@' + run.id})
  RETURN collect(id) AS communities
}
CALL (run) {
  UNWIND $genres AS id
  MATCH (g:MicroGenre {tenant: $tenant, id: id + '@' + run.id})
  RETURN collect([id, COLLECT { MATCH (p:Product)-[in:IN_GENRE]->(g) WHERE in.run = run.id RETURN p.id }]) AS genres
}
CALL () {
  UNWIND $brands AS id
  MATCH (b:Brand {tenant: $tenant, id: id})
  RETURN collect([id, COLLECT { MATCH (p:Product)-[:MADE_BY]->(b) RETURN p.id }]) AS brands
}
RETURN run.id AS run, communities, genres, brands
