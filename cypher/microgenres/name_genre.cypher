// Give a microgenre of the run whose figures stand a name that every later run keeps, unless another one is called so.
// params:  tenant STRING, id STRING, name STRING, by STRING (id of the key), at ZONED DATETIME
// returns: taken_by STRING or NULL (the microgenre that is called so, nothing was written); one row, none when there is no
//          such microgenre
// needs:   MicroGenre, written by app/jobs/microgenres.py
MATCH (run:Run {tenant: $tenant, published: true})
SET run.named_at = $at  // holds other namers off until the end of the transaction
WITH run
MATCH (g:MicroGenre {tenant: $tenant, run: run.id})
WHERE g.genre = $id
WITH
  run,
  head(
    COLLECT {
      MATCH (other:MicroGenre {tenant: $tenant, run: run.id})
      WHERE other.genre <> $id
      OPTIONAL MATCH (its:GenreName {tenant: $tenant, id: other.genre})
      WITH other, coalesce(its.name, other.label) AS label
      WHERE toLower(label) = toLower($name)
      RETURN other.genre
      LIMIT 1
    }
  ) AS taken_by
CALL (taken_by) {
  WITH taken_by
  WHERE taken_by IS NULL
  MERGE (given:GenreName {tenant: $tenant, id: $id})
  SET
    given.name = $name,
    given.by = $by,
    given.at = $at
}
RETURN taken_by
