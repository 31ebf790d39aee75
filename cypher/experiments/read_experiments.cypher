// The experiments of a tenant, by id.
// params:  tenant STRING, id STRING or NULL (only this one)
// returns: id STRING, fixed STRING (JSON), ends_at_ms INTEGER, secret STRING, changed_by STRING, changed_at_ms INTEGER; one row an
//          experiment
// needs:   the constraint experiment_key
MATCH (e:Experiment {tenant: $tenant})
WHERE $id IS NULL OR e.id = $id
RETURN
  e.id AS id,
  e.fixed AS fixed,
  e.ends_at.epochMillis AS ends_at_ms,
  e.secret AS secret,
  e.changed_by AS changed_by,
  e.changed_at.epochMillis AS changed_at_ms
ORDER BY id
