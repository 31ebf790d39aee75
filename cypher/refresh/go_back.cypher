// Flip the pointer back: the run that was active before is active again, and the one that was is the former now.
// params:  tenant STRING
// returns: run STRING (that is active now); one row, none without a former run
// needs:   no refresh is under way, since it would make the former run of what it finds active
MATCH (former:Run {tenant: $tenant, active: false})
WHERE former.former
MATCH (run:Run {tenant: $tenant, active: true})
SET
  former.active = true,
  former.former = false,
  run.active = false,
  run.former = true
RETURN former.id AS run
