// The plans of a tenant that were frozen, the newest first.
// params:  tenant STRING, id STRING or NULL (only this one), limit INTEGER
// returns: id STRING, state STRING of frozen|recalled, fields STRING (JSON), figures STRING (JSON), run STRING or NULL, by
//          STRING, at_ms INTEGER, erased LIST<STRING> (exported lines of whoever was erased since the last export)
// needs:   the constraint plan_key
MATCH (plan:Plan {tenant: $tenant})
WHERE ($id IS NULL OR plan.id = $id) AND plan.state <> 'unfinished'
RETURN
  plan.id AS id,
  plan.state AS state,
  plan.fields AS fields,
  plan.figures AS figures,
  plan.run AS run,
  plan.by AS by,
  plan.at.epochMillis AS at_ms,
  plan.erased AS erased
ORDER BY at_ms DESC, id
LIMIT $limit
