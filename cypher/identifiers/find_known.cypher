// Which of these digests belong to an identifier that is there.
// params:  tenant STRING, digests LIST<STRING>
// returns: id STRING; one row per identifier found
// needs:   nothing
UNWIND $digests AS digest
MATCH (known:Identifier {tenant: $tenant, id: digest})
RETURN known.id AS id
