// Whom an erasure is about: an identity itself, a person's own ones, or those of a household's persons and accounts.
// params:  tenant STRING, kind STRING of identity|person|household, id STRING
// returns: known BOOLEAN, identities LIST<LIST> of [id, kind], by id; one row
// needs:   nothing
OPTIONAL MATCH (subject:Identity|Person|Household {tenant: $tenant, id: $id})
WHERE toLower(labels(subject)[0]) = $kind
CALL (subject) {
  CALL (subject) {
    WITH subject
    WHERE subject:Identity
    RETURN subject AS i
    UNION
    MATCH (subject:Person)-[:HAS_IDENTITY]->(i:Identity)
    RETURN i
    UNION
    MATCH (subject:Household)<-[:LIVES_IN]-(:Person)-[:HAS_IDENTITY]->(i:Identity)
    RETURN i
    UNION
    MATCH (subject:Household)<-[:BELONGS_TO]-(:Account)-[:USED_BY]->(i:Identity)
    RETURN i
  }
  WITH i
  ORDER BY i.id
  RETURN collect([i.id, i.kind]) AS identities
}
RETURN subject IS NOT NULL AS known, identities
