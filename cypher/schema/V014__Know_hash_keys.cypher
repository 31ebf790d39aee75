// The fingerprints of the hash keys that this graph was made with: a record of the whole instance, of no shop.
CREATE CONSTRAINT hash_key_key IF NOT EXISTS FOR (n:HashKey) REQUIRE (n.tenant, n.id) IS UNIQUE;
