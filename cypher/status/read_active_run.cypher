// The run that a tenant's readers see now.
// params:  tenant STRING
// returns: id STRING, model_version STRING or NULL, finished_at_ms INTEGER or NULL,
//          learners INTEGER (identities that it learned from); one row, none before the first run
// needs:   Run.active, written by app/jobs/refresh.py
MATCH (r:Run {tenant: $tenant, active: true})
RETURN
  r.id AS id,
  r.model_version AS model_version,
  r.finished_at.epochMillis AS finished_at_ms,
  COUNT { (r)-[:LEARNED_FROM]->() } AS learners
ORDER BY finished_at_ms DESC, id
LIMIT 1
