// Note the fingerprints of hash keys before anything is hashed with them; one that is known already stays as it is.
// params:  tenant STRING (the reserved tenant of the schema), rows LIST<MAP> (id, version, fingerprint)
// returns: nothing
// needs:   the constraint of V014
UNWIND $rows AS row
MERGE (known:HashKey {tenant: $tenant, id: row.id})
ON CREATE SET
  known.version = row.version,
  known.fingerprint = row.fingerprint,
  known.since = datetime()
