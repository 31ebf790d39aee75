// Forget which links of somebody were ended.
// params:  tenant STRING, digests LIST<STRING> (keyed hashes of the ends)
// returns: number INTEGER; one row
// needs:   nothing
UNWIND $digests AS digest
CALL (digest) {
  MATCH (ended:EndedLink {tenant: $tenant, start_hash: digest})
  RETURN ended
  UNION
  MATCH (ended:EndedLink {tenant: $tenant, end_hash: digest})
  RETURN ended
}
WITH DISTINCT ended
DELETE ended
RETURN count(*) AS number
