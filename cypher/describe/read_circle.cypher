// An identity, person or household by its id, and every identity that shares a person, account or household with it, or
// that gave it or was given a grant: those who might be thought to know of each other. Only live links count.
// params:  tenant STRING, name STRING, now ZONED DATETIME, limit INTEGER 1..1000
// returns: id STRING, kind STRING, person_ids LIST<STRING>, account_ids LIST<STRING>, household_ids LIST<STRING>,
//          identifier_types LIST<STRING>; by id
// needs:   links (links/), GRANTED (grants/give_grant)
CALL () {
  MATCH (i:Identity {tenant: $tenant, id: $name})
  RETURN i
  UNION
  MATCH (:Person {tenant: $tenant, id: $name})-[has:HAS_IDENTITY]->(i:Identity)
  WHERE has.first_seen <= $now AND coalesce(has.valid_until > $now, true)
  RETURN i
  UNION
  MATCH (:Account {tenant: $tenant, id: $name})-[used:USED_BY]->(i:Identity)
  WHERE used.first_seen <= $now AND coalesce(used.valid_until > $now, true)
  RETURN i
  UNION
  MATCH (:Household {tenant: $tenant, id: $name})<-[in:LIVES_IN|BELONGS_TO]-()-[link:HAS_IDENTITY|USED_BY]->(i:Identity)
  WHERE all(one IN [in, link] WHERE one.first_seen <= $now AND coalesce(one.valid_until > $now, true))
  RETURN i
}
WITH DISTINCT i AS start
CALL (start) {
  RETURN start AS i
  UNION
  MATCH (start)<-[a:HAS_IDENTITY|USED_BY]-()-[b:HAS_IDENTITY|USED_BY]->(i:Identity)
  WHERE all(one IN [a, b] WHERE one.first_seen <= $now AND coalesce(one.valid_until > $now, true))
  RETURN i
  UNION
  MATCH
    (start)<-[a:HAS_IDENTITY|USED_BY]-()-[b:LIVES_IN|BELONGS_TO]->(:Household)
      <-[c:LIVES_IN|BELONGS_TO]-()-[d:HAS_IDENTITY|USED_BY]->(i:Identity)
  WHERE all(one IN [a, b, c, d] WHERE one.first_seen <= $now AND coalesce(one.valid_until > $now, true))
  RETURN i
  UNION
  MATCH (start)-[:GRANTED]-(i:Identity)
  RETURN i
}
WITH DISTINCT i
ORDER BY i.id
LIMIT $limit
RETURN
  i.id AS id,
  i.kind AS kind,
  COLLECT {
    MATCH (i)<-[has:HAS_IDENTITY]-(person:Person)
    WHERE has.first_seen <= $now AND coalesce(has.valid_until > $now, true)
    RETURN DISTINCT person.id
    ORDER BY person.id
  } AS person_ids,
  COLLECT {
    MATCH (i)<-[used:USED_BY]-(account:Account)
    WHERE used.first_seen <= $now AND coalesce(used.valid_until > $now, true)
    RETURN DISTINCT account.id
    ORDER BY account.id
  } AS account_ids,
  COLLECT {
    MATCH (i)<-[link:HAS_IDENTITY|USED_BY]-()-[in:LIVES_IN|BELONGS_TO]->(home:Household)
    WHERE all(one IN [in, link] WHERE one.first_seen <= $now AND coalesce(one.valid_until > $now, true))
    RETURN DISTINCT home.id
    ORDER BY home.id
  } AS household_ids,
  COLLECT {
    MATCH (i)-[by:KNOWN_BY]->(known:Identifier)
    WHERE by.first_seen <= $now AND coalesce(by.valid_until > $now, true)
    RETURN DISTINCT known.type
    ORDER BY known.type
  } AS identifier_types
ORDER BY id
