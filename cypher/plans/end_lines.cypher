// Take lines of a plan back for good; they count towards caps no more.
// params:  tenant STRING, plan STRING, at ZONED DATETIME, ids LIST<STRING> (identities)
// returns: nothing
// needs:   PLANNED_IN, written by plans/add_lines
UNWIND $ids AS id
MATCH (:Identity {tenant: $tenant, id: id})-[planned:PLANNED_IN]->(:Plan {tenant: $tenant, id: $plan})
SET planned.ended_at = $at
