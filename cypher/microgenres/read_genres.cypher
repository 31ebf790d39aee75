// The microgenres of the run whose figures stand.
// params:  tenant STRING, id STRING or NULL (only this one)
// returns: id STRING, run STRING, label STRING, found_label STRING or NULL, products INTEGER or NULL; by id, at most
//          5,000; label is the name that somebody gave it, else the one that was found
// needs:   MicroGenre, written by app/jobs/microgenres.py; GenreName, written by microgenres/name_genre
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (g:MicroGenre {tenant: $tenant, run: run.id})
WHERE $id IS NULL OR g.genre = $id
OPTIONAL MATCH (given:GenreName {tenant: $tenant, id: g.genre})
RETURN
  g.genre AS id,
  g.run AS run,
  coalesce(given.name, g.label, g.genre) AS label,
  g.label AS found_label,
  g.size AS products
ORDER BY id
LIMIT 5000
