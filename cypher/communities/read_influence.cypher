// How far influence is found in one community, as the run published it whose figures stand.
// params:  tenant STRING, id STRING
// returns: influence STRING or NULL (JSON); one row, none when there is no such community
// needs:   portraits/write_influence
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, id: $id + '@' + run.id})
RETURN c.influence AS influence
LIMIT 1
