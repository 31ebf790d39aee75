// How engagement goes with staying in one community, as the run published it whose figures stand.
// params:  tenant STRING, id STRING
// returns: run STRING, retention STRING or NULL (JSON); one row, none when there is no such community
// needs:   portraits/write_community_retention
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, id: $id + '@' + run.id})
RETURN run.id AS run, c.retention AS retention
LIMIT 1
