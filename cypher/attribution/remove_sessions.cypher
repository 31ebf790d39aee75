// Remove sessions of which nothing is left, since who did it was erased.
// params:  tenant STRING
// returns: nothing
// needs:   nothing
// again:   finds none any more
MATCH (s:Session {tenant: $tenant})
WHERE
  NOT EXISTS {
    MATCH (:Interaction {tenant: $tenant, session_id: s.id})
  }
DETACH DELETE s
