// How much deals and trends move those that a run learns from.
// params:  tenant STRING, run STRING, rows LIST<MAP> (identity, figures MAP of FLOAT and INTEGER)
// returns: nothing
// needs:   LEARNED_FROM, written by refresh/choose_learners
// again:   sets the same
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity})
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i)
SET learned += row.figures
