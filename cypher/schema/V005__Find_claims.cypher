// Claims are found by their id when they are undone; identifiers by the version of their key while keys rotate.
CREATE INDEX claimed_id IF NOT EXISTS FOR ()-[c:CLAIMED]-() ON (c.id);
CREATE INDEX identifier_key_version IF NOT EXISTS FOR (n:Identifier) ON (n.tenant, n.key_version);
MATCH (known:Identifier)
WHERE known.key_version IS NULL
CALL (known) {
  SET known.key_version = 1
} IN TRANSACTIONS OF 10000 ROWS;
