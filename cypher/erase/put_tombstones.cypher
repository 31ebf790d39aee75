// Put up tombstones that belong to no erasure of this store: those noted outside of it, and those of orders that came later.
// params:  tenant STRING, digests LIST<STRING> (keyed hashes), at ZONED DATETIME
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction, of orders that of erase/find_orders
UNWIND $digests AS digest
MERGE (grave:Tombstone {tenant: $tenant, id: digest})
ON CREATE SET grave.at = $at
