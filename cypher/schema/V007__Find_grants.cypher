// Grants are found by their id when they are revoked.
CREATE INDEX grant_id IF NOT EXISTS FOR ()-[g:GRANTED]-() ON (g.id);
