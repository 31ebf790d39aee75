// The firewall: one household, its identities, and the only ways by which one could ever move another's answers.
// look for: identities hang on the same persons, login and home, yet no edge leads from one to another but GRANTED. Follow
//           it from the kitchen tablet back to Tom and to Debbie, and look for the consents that let it speak
//           (household_share, personalise_content). Tom's work identity grants nothing and is granted nothing.
// adapt:    another tenant or household in the first line, e.g. home-of-aaron.
// needs:    links (ingest/upsert_identities), consents (consents/record_consents), grants (grants/give_grant)
WITH 'demo' AS tenant, 'home-of-tom-and-debbie' AS household_id
MATCH (home:Household {tenant: tenant, id: household_id})
CALL (home) {
  MATCH path = (home)<-[:LIVES_IN]-(:Person)-[:HAS_IDENTITY]->(i:Identity)
  RETURN i, path
  UNION
  MATCH path = (home)<-[:BELONGS_TO]-(:Account)-[:USED_BY]->(i:Identity)
  RETURN i, path
}
WITH home, i, path
WHERE
  all(
    link IN relationships(path)
    WHERE link.first_seen <= datetime() AND coalesce(link.valid_until > datetime(), true)
  )
WITH DISTINCT home, i
ORDER BY i.id
LIMIT 10
CALL (home, i) {
  MATCH path = (home)<-[:LIVES_IN]-(:Person)-[:HAS_IDENTITY]->(i)
  RETURN path
  UNION
  MATCH path = (home)<-[:BELONGS_TO]-(:Account)-[:USED_BY]->(i)
  RETURN path
  UNION
  MATCH path = (i)-[:GAVE]->(:Consent)
  RETURN path
  UNION
  MATCH path = (i)-[:GRANTED]-(:Identity)
  RETURN path
}
WITH path
WHERE
  all(
    link IN relationships(path)
    WHERE coalesce(link.first_seen <= datetime(), true)
      AND coalesce(link.valid_until > datetime(), true)
      AND coalesce(link.until > datetime(), true)
  )
RETURN path
LIMIT 100
