// Forget the lines of whoever was erased: this export names them.
// params:  tenant STRING, plan STRING
// returns: nothing
// needs:   nothing
MATCH (plan:Plan {tenant: $tenant, id: $plan})
SET plan.erased = []
