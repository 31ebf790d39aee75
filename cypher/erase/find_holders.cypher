// Persons, accounts and households that go with some identities: those that nobody else would be left on, and the one that
// is itself asked for.
// params:  tenant STRING, identity_ids LIST<STRING>, kind STRING of identity|person|household, id STRING (of the person or
//          household that goes too)
// returns: holders LIST<LIST> of [kind, id, asked_for]; one row
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
WITH places, holders, identities + places + holders AS going
CALL (going) {
  UNWIND going AS holder
  MATCH (holder)-[:LIVES_IN|BELONGS_TO]->(home:Household)
  WITH DISTINCT home, going
  WHERE
    NOT home IN going AND
    NOT EXISTS {
      MATCH (home)--(other)
      WHERE NOT other IN going AND NOT other:Erasure
    }
  RETURN collect(home) AS homes
}
RETURN
  [place IN places | [toLower(labels(place)[0]), place.id, true]] +
    [holder IN holders + homes | [toLower(labels(holder)[0]), holder.id, false]] AS holders
