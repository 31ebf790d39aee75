// Where the lines of one community are and where they go on to, as the run published it whose figures stand.
// params:  tenant STRING, id STRING
// returns: flows STRING or NULL (JSON); one row, none when there is no such community
// needs:   portraits/write_community_flows
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, id: $id + '@' + run.id})
RETURN c.journeys AS flows
LIMIT 1
