// The microgenres that a run found.
// params:  tenant STRING, run STRING, rows LIST<MAP> (id, label, size INTEGER (products mostly in it), family INTEGER (those
//          of one coarse group have one number), sensitive BOOLEAN, tag_ids LIST<STRING>, resolution FLOAT)
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
CREATE (g:MicroGenre {tenant: $tenant, id: row.id + '@' + $run, genre: row.id, run: $run})
SET
  g.label = row.label,
  g.size = row.size,
  g.family = row.family,
  g.sensitive = row.sensitive,
  g.tag_ids = row.tag_ids,
  g.resolution = row.resolution
