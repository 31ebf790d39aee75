// How much those that a run learns from bought, so that the most active and valuable members are found without counting.
// params:  tenant STRING, run STRING, rows LIST<MAP> (identity, purchases INTEGER, spend FLOAT or NULL)
// returns: nothing
// needs:   LEARNED_FROM, written by refresh/choose_learners
// again:   sets the same
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity})
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i)
SET
  learned.purchases = row.purchases,
  learned.spend = row.spend
