// Who was erased (keyed hashes only), the receipts of it, and what customers asked of a shop's staff.
CREATE CONSTRAINT tombstone_key IF NOT EXISTS FOR (n:Tombstone) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT erasure_key IF NOT EXISTS FOR (n:Erasure) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT data_request_key IF NOT EXISTS FOR (n:DataRequest) REQUIRE (n.tenant, n.id) IS UNIQUE;
