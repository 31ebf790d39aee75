// The next entries of the audit log, for walking its chain; of a changed entry whatever is there now.
// params:  tenant STRING, after_sequence INTEGER, after_id STRING (of the last entry of the page before), limit INTEGER
// returns: id STRING, sequence INTEGER, at_ms INTEGER or NULL, actor STRING, action STRING, subjects LIST<STRING>,
//          detail STRING, previous STRING, seal STRING, key_version INTEGER or NULL; by sequence, then id
// needs:   nothing
MATCH (entry:AuditEntry {tenant: $tenant})
WHERE
  entry.sequence >= $after_sequence AND
  (entry.sequence > $after_sequence OR entry.id > $after_id)
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
ORDER BY sequence, id
LIMIT $limit
