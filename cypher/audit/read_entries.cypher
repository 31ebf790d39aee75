// Entries of the audit log for people to read, newest first.
// params:  tenant STRING, before_sequence INTEGER, action STRING or NULL, subjects LIST<STRING> or NULL (keyed hashes, any
//          of them), after ZONED DATETIME or NULL, before ZONED DATETIME or NULL, limit INTEGER
// returns: id STRING, sequence INTEGER, at_ms INTEGER, actor STRING, action STRING, subjects LIST<STRING>, detail STRING,
//          previous STRING, seal STRING, key_version INTEGER or NULL; newest first
// needs:   nothing
MATCH (entry:AuditEntry {tenant: $tenant})
WHERE
  entry.sequence < $before_sequence AND
  ($action IS NULL OR entry.action = $action) AND
  ($subjects IS NULL OR any(subject IN entry.subjects WHERE subject IN $subjects)) AND
  ($after IS NULL OR entry.at >= $after) AND
  ($before IS NULL OR entry.at < $before)
RETURN
  entry.id AS id,
  entry.sequence AS sequence,
  CASE WHEN entry.at IS :: ZONED DATETIME THEN entry.at.epochMillis END AS at_ms,
  entry.actor AS actor,
  entry.action AS action,
  entry.subjects AS subjects,
  entry.detail AS detail,
  entry.previous AS previous,
  entry.seal AS seal,
  entry.key_version AS key_version
ORDER BY sequence DESC, id
LIMIT $limit
