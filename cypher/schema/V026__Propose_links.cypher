// Two identities that may belong together, until somebody decides (docs/concepts.md).
CREATE INDEX may_be_id IF NOT EXISTS FOR ()-[r:MAY_BE]-() ON (r.id);
CREATE INDEX may_be_status IF NOT EXISTS FOR ()-[r:MAY_BE]-() ON (r.status);
