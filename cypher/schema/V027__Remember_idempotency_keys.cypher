// What a request was that came with an Idempotency-Key, as keyed hashes, for a day (docs/api.md).
CREATE CONSTRAINT idempotency_key_key IF NOT EXISTS FOR (n:IdempotencyKey) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX idempotency_key_at IF NOT EXISTS FOR (n:IdempotencyKey) ON (n.tenant, n.at);
