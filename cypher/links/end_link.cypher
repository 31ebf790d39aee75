// End a link: the relationship goes, and with it a person, account, household or identifier that nothing else holds;
// what remains is that it was, in keyed hashes.
// params:  tenant STRING, id STRING, key STRING, start_hash STRING, end_hash STRING, ended_ms INTEGER
// returns: nothing
// needs:   an index on the id of each type; the lock of links/lock_links in the same transaction
CALL () {
  MATCH (a:Person {tenant: $tenant})-[r:HAS_IDENTITY {id: $id}]->(b)
  USING INDEX r:HAS_IDENTITY(id)
  RETURN a, r, b
  UNION ALL
  MATCH (a:Account {tenant: $tenant})-[r:USED_BY {id: $id}]->(b)
  USING INDEX r:USED_BY(id)
  RETURN a, r, b
  UNION ALL
  MATCH (a:Account {tenant: $tenant})-[r:BELONGS_TO {id: $id}]->(b)
  USING INDEX r:BELONGS_TO(id)
  RETURN a, r, b
  UNION ALL
  MATCH (a:Person {tenant: $tenant})-[r:LIVES_IN {id: $id}]->(b)
  USING INDEX r:LIVES_IN(id)
  RETURN a, r, b
  UNION ALL
  MATCH (a:Identity {tenant: $tenant})-[r:KNOWN_BY {id: $id}]->(b)
  USING INDEX r:KNOWN_BY(id)
  RETURN a, r, b
  UNION ALL
  MATCH (a:Identity {tenant: $tenant})-[r:FOLLOWS {id: $id}]->(b)
  USING INDEX r:FOLLOWS(id)
  RETURN a, r, b
  UNION ALL
  MATCH (a:Identity {tenant: $tenant})-[r:NOT_SAME_AS {id: $id}]->(b)
  USING INDEX r:NOT_SAME_AS(id)
  RETURN a, r, b
}
DELETE r
WITH a, b
MERGE (ended:EndedLink {tenant: $tenant, id: $key})
SET
  ended.start_hash = $start_hash,
  ended.end_hash = $end_hash,
  ended.ended_at = datetime({epochMillis: $ended_ms})
WITH a, b
UNWIND [a, b] AS node
WITH node
WHERE NOT node:Identity AND NOT EXISTS { (node)--() }
DELETE node
