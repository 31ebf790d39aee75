// Keep a plan before its lines; nothing leaves of it until it is frozen.
// params:  tenant STRING, id STRING, channel STRING, fields STRING (JSON), figures STRING (JSON), send_at ZONED DATETIME or
//          NULL, run STRING or NULL, by STRING (id of the key), at ZONED DATETIME
// returns: nothing
// needs:   the constraint plan_key
MERGE (plan:Plan {tenant: $tenant, id: $id})
SET
  plan.state = 'unfinished',
  plan.channel = $channel,
  plan.fields = $fields,
  plan.figures = $figures,
  plan.send_at = $send_at,
  plan.run = $run,
  plan.by = $by,
  plan.at = $at,
  plan.erased = []
