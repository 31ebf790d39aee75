// Whether each active run learned from anybody; the operator's view over all tenants, hence without $tenant: yes or no and
// nothing else.
// params:  none
// returns: learned BOOLEAN (false where no run is active); one row
// needs:   Run.active, LEARNED_FROM, written by app/jobs
MATCH (r:Run {active: true})
WITH collect(EXISTS { (r)-[:LEARNED_FROM]->() }) AS each_one
RETURN size(each_one) > 0 AND all(one IN each_one WHERE one) AS learned
