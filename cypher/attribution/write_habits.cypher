// Keep what identities are known by, as records of the run.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [identity, portrait (JSON)]
// returns: nothing
// needs:   the identities consent, as attribution/choose_members sees to
// again:   sets the same
UNWIND $rows AS row
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (i:Identity {tenant: $tenant, id: row[0]})
MERGE (run)-[known:KNOWS_HABITS]->(i)
SET known.portrait = row[1]
