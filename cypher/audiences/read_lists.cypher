// What receivers hold, and held: every list that has not expired, with who is or was on it.
// params:  tenant STRING, now ZONED DATETIME, arrived_before ZONED DATETIME (whom a public key brought later does not count yet)
// returns: audience STRING, fields STRING (JSON), at_ms INTEGER, expires_at_ms INTEGER, members LIST<LIST> of [identity id,
//          member key, since in ms, until in ms or NULL, counts BOOLEAN] (by identity and time), erased LIST<STRING>
//          (member keys); by audience
// needs:   LISTED_IN, written by audiences/add_listed
MATCH (list:ExportedList {tenant: $tenant})
WHERE list.expires_at > $now
CALL (list) {
  MATCH (i:Identity)-[listed:LISTED_IN]->(list)
  WITH i, listed
  ORDER BY i.id, listed.at
  RETURN collect([
    i.id,
    listed.member,
    listed.at.epochMillis,
    listed.until.epochMillis,
    coalesce(i.public_since <= $arrived_before, true)
  ]) AS members
}
RETURN
  list.id AS audience,
  list.fields AS fields,
  list.at.epochMillis AS at_ms,
  list.expires_at.epochMillis AS expires_at_ms,
  members,
  list.erased AS erased
ORDER BY audience
