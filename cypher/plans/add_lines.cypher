// Add lines to a plan; whoever was erased meanwhile gets none.
// params:  tenant STRING, plan STRING, at ZONED DATETIME, rows LIST<MAP> (identity_id, line, product_ids, creative_ids, sources,
//          gains)
// returns: nothing
// needs:   plans/write_plan before it
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
MATCH (plan:Plan {tenant: $tenant, id: $plan})
MERGE (i)-[planned:PLANNED_IN]->(plan)
SET
  planned.line = row.line,
  planned.at = $at,
  planned.product_ids = row.product_ids,
  planned.creative_ids = row.creative_ids,
  planned.sources = row.sources,
  planned.gains = row.gains
