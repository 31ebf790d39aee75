// All that goes with some identities, by label and type, and what it hangs on that stays.
// params:  tenant STRING, identity_ids LIST<STRING>, kind STRING of identity|person|household, id STRING (of the person or
//          household that goes too)
// returns: holders LIST<LIST> of [kind, id, asked_for], nodes LIST<LIST> of [label, number],
//          relationships LIST<LIST> of [type, number], stays LIST<LIST> of [label, number]; one row
// needs:   nothing
CALL () {
  UNWIND $identity_ids AS identity_id
  MATCH (i:Identity {tenant: $tenant, id: identity_id})
  RETURN collect(i) AS identities
}
CALL () {
  OPTIONAL MATCH (place:Person|Household {tenant: $tenant, id: $id})
  WHERE toLower(labels(place)[0]) = $kind
  RETURN collect(place) AS places
}
CALL (identities, places) {
  UNWIND identities AS i
  MATCH (i)<-[:HAS_IDENTITY|USED_BY]-(holder:Person|Account)
  WITH DISTINCT holder, identities, places
  WHERE
    NOT holder IN places AND
    NOT EXISTS {
      MATCH (holder)-[:HAS_IDENTITY|USED_BY]->(other:Identity)
      WHERE NOT other IN identities
    }
  RETURN collect(holder) AS holders
}
// What hangs on nothing but these identities, and is neither their own nor the shop's.
CALL (identities) {
  UNWIND identities AS i
  MATCH (i)--(known)
  WHERE
    NOT known:Interaction|Consent|Decision|Product|Identity|Person|Account|Household|Run|DataRequest|Erasure
  WITH DISTINCT known, identities
  WHERE
    NOT EXISTS {
      MATCH (known)--(other)
      WHERE NOT other IN identities
    }
  RETURN collect(known) AS known
}
WITH identities, places, holders, identities + places + holders + known AS few
CALL (few, places, holders) {
  UNWIND places + holders AS holder
  MATCH (holder)-[:LIVES_IN|BELONGS_TO]->(home:Household)
  WITH DISTINCT home, few
  WHERE
    NOT home IN few AND
    NOT EXISTS {
      MATCH (home)--(other)
      WHERE NOT other IN few
    }
  RETURN collect(home) AS homes
}
WITH identities, places, holders + homes AS holders, few + homes AS few
CALL (identities) {
  UNWIND identities AS i
  MATCH (i)-[:DID|GAVE|RECEIVED]->(own)
  RETURN collect(DISTINCT own) AS own
}
CALL (few, own) {
  UNWIND few + own AS gone
  WITH labels(gone)[0] AS name, count(*) AS number
  ORDER BY name
  RETURN collect([name, number]) AS nodes
}
CALL (few, own) {
  UNWIND few + own AS gone
  MATCH (gone)-[r]-()
  WHERE NOT r:ERASES
  WITH type(r) AS name, count(DISTINCT r) AS number
  ORDER BY name
  RETURN collect([name, number]) AS relationships
}
CALL (few, own) {
  UNWIND few + own AS gone
  MATCH (gone)--(other)
  WHERE NOT other:Interaction|Consent|Decision|Erasure
  WITH DISTINCT other, few
  WHERE NOT other IN few
  WITH labels(other)[0] AS name, count(*) AS number
  ORDER BY name
  RETURN collect([name, number]) AS others
}
CALL (identities) {
  UNWIND identities AS i
  MATCH (i)-[:CLAIMED]->(claimed:Interaction)
  WHERE
    NOT EXISTS {
      MATCH (claimed)<-[:DID]-(owner)
      WHERE owner IN identities
    }
  RETURN count(DISTINCT claimed) AS claimed
}
RETURN
  [place IN places | [toLower(labels(place)[0]), place.id, true]] +
    [holder IN holders | [toLower(labels(holder)[0]), holder.id, false]] AS holders,
  nodes,
  relationships,
  others + CASE WHEN claimed > 0 THEN [['Interaction', claimed]] ELSE [] END AS stays
