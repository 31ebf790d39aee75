// Lock an erasure, so that two who work it off take turns.
// params:  tenant STRING, id STRING
// returns: counts STRING (JSON), identities_left INTEGER (on its list), erased BOOLEAN; one row, none when there is no
//          such erasure
// needs:   nothing
MATCH (erasure:Erasure {tenant: $tenant, id: $id})
SET erasure.tenant = $tenant
RETURN
  erasure.counts AS counts,
  COUNT { (erasure)-[:ERASES]->(:Identity) } AS identities_left,
  erasure.erased_at IS NOT NULL AS erased
