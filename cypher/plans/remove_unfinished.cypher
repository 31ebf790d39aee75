// Remove plans that were never frozen since their process was ended, and their lines, of which nothing has left.
// params:  tenant STRING, before ZONED DATETIME (begun before)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (plan:Plan {tenant: $tenant})
WHERE plan.state = 'unfinished' AND plan.at < $before
DETACH DELETE plan
