// Forget the lists, and who was on one, that receivers must have deleted by now.
// params:  tenant STRING, now ZONED DATETIME
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (list:ExportedList {tenant: $tenant})
CALL (list) {
  WITH list
  WHERE list.expires_at > $now
  MATCH (:Identity)-[listed:LISTED_IN]->(list)
  WHERE listed.forget_at <= $now
  DELETE listed
}
WITH list
WHERE list.expires_at <= $now
DETACH DELETE list
