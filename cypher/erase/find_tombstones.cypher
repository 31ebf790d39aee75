// Which of these keyed hashes belong to somebody who was erased.
// params:  tenant STRING, digests LIST<STRING>
// returns: id STRING, erasure STRING; one row per tombstone found
// needs:   nothing
UNWIND $digests AS digest
MATCH (grave:Tombstone {tenant: $tenant, id: digest})
RETURN grave.id AS id, grave.erasure AS erasure
