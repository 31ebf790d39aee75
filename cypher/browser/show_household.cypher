// One household, three identities: held together by edges, never merged.
// look for: one arrow a source that says so, and only those that are live.
//           Tom and Debbie share a home, a login and a computer. Tom's work identity hangs on Tom alone and on the
//           office card. The strongest likes of each identity are its own: dog food, cat food, coffee.
// adapt:    another tenant or household in the first line; the LIMIT under LIKES for more products.
// needs:    identities that were put with person, account or household (ingest/upsert_identities)
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
  MATCH path = (:Account)-[:USED_BY]->(i)
  RETURN path
  UNION
  MATCH path = (i)-[:KNOWN_BY]->(:Identifier)
  RETURN path
  UNION
  MATCH path = (i)-[l:LIKES]->(p:Product)
  RETURN path
  ORDER BY l.weight DESC, p.id
  LIMIT 4
}
WITH path
WHERE
  all(
    link IN relationships(path)
    WHERE type(link) = 'LIKES' OR link.first_seen <= datetime() AND coalesce(link.valid_until > datetime(), true)
  )
RETURN path
LIMIT 100
