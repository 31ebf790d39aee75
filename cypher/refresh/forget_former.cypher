// Say that there is no former run to go back to any more, before what it derived is removed.
// params:  tenant STRING
// returns: nothing
// needs:   nothing
// again:   finds none any more
MATCH (former:Run {tenant: $tenant, active: false})
WHERE former.former
REMOVE former.former
