// Put up tombstones that were noted outside the database, so that nobody comes back by a replay either.
// params:  tenant STRING, digests LIST<STRING> (keyed hashes), at ZONED DATETIME
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction
UNWIND $digests AS digest
MERGE (grave:Tombstone {tenant: $tenant, id: digest})
ON CREATE SET grave.at = $at
