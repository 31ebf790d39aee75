// The microgenres of the active run, their tags and the products that are mostly in them: what the run under way carries on.
// params:  tenant STRING
// returns: id STRING, size INTEGER, label STRING, resolution FLOAT, tag_ids LIST<STRING>, product_ids LIST<STRING>; by id
// needs:   MicroGenre and IN_GENRE, written by app/jobs/microgenres.py
MATCH (run:Run {tenant: $tenant, active: true})
MATCH (g:MicroGenre {tenant: $tenant, run: run.id})
RETURN
  g.genre AS id,
  g.size AS size,
  g.label AS label,
  g.resolution AS resolution,
  g.tag_ids AS tag_ids,
  COLLECT {
    MATCH (p:Product)-[in:IN_GENRE]->(g)
    WHERE in.first
    RETURN p.id
  } AS product_ids
ORDER BY id
