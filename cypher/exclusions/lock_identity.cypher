// Lock an identity that is about to exclude something or to end that, and mark that something about it changed.
// params:  tenant STRING, identity_id STRING
// returns: exclusions INTEGER (how many it has); one row, none when there is no such identity
// needs:   nothing
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
SET
  i.version = i.version + 1,
  i.revises = true
RETURN COUNT { (i)-[:EXCLUDES]->(:Exclusion) } AS exclusions
