// The links that decisions made, those of households first.
// params:  tenant STRING, ids LIST<STRING> (of identities), sources LIST<STRING>
// returns: id STRING; one row per link
// needs:   nothing
CALL () {
  MATCH (i:Identity {tenant: $tenant})<-[:HAS_IDENTITY]-(:Person)-[r:LIVES_IN]->(:Household)
  WHERE i.id IN $ids AND r.source IN $sources
  RETURN r, 0 AS place
  UNION
  MATCH (i:Identity {tenant: $tenant})<-[r:HAS_IDENTITY]-(:Person)
  WHERE i.id IN $ids AND r.source IN $sources
  RETURN r, 1 AS place
  UNION
  MATCH (i:Identity {tenant: $tenant})-[r:NOT_SAME_AS]->(:Identity)
  WHERE i.id IN $ids AND r.source IN $sources
  RETURN r, 2 AS place
}
WITH DISTINCT r, place
RETURN r.id AS id
ORDER BY place, id
