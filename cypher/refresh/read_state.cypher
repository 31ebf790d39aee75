// Which run is active, which was before it, and under which evidence rules the LIKES were summed.
// params:  tenant STRING
// returns: run STRING or NULL, former STRING or NULL (kept for `plural refresh --back`), former_started_at
//          ZONED DATETIME or NULL, evidence_rules STRING or NULL, unsettled BOOLEAN (its orders were
//          written before they were settled); one row
// needs:   nothing
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
OPTIONAL MATCH (former:Run {tenant: $tenant, active: false})
WHERE former.former
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN
  run.id AS run,
  former.id AS former,
  former.started_at AS former_started_at,
  shop.evidence_rules AS evidence_rules,
  coalesce(shop.unsettled, false) AS unsettled
