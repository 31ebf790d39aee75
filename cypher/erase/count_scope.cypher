// All that goes with some identities and holders, by label and type, and what it hangs on that stays.
// params:  tenant STRING, identity_ids LIST<STRING>, holders LIST<MAP> (kind of person|account|household, id)
// returns: nodes LIST<LIST> of [label, number], relationships LIST<LIST> of [type, number], stays LIST<LIST> of
//          [label, number]; one row
// needs:   nothing
CALL () {
  UNWIND $identity_ids AS identity_id
  MATCH (i:Identity {tenant: $tenant, id: identity_id})
  RETURN collect(i) AS identities
}
CALL () {
  UNWIND $holders AS row
  MATCH (holder:Person|Account|Household {tenant: $tenant, id: row.id})
  WHERE toLower(labels(holder)[0]) = row.kind
  RETURN collect(holder) AS holders
}
// What hangs on nothing but these identities, and is neither their own nor the shop's.
CALL (identities) {
  UNWIND identities AS i
  MATCH (i)-[:!(DID|GAVE|RECEIVED|LIKES|CLAIMED|ERASES)]-(known)
  WHERE NOT known:Product|Identity|Person|Account|Household|Run|DataRequest|ExportedList|Plan
  WITH DISTINCT known, identities
  WHERE
    NOT EXISTS {
      MATCH (known)--(other)
      WHERE NOT other IN identities
    }
  RETURN collect(known) AS known
}
WITH identities, identities + holders + known AS few
CALL (identities) {
  UNWIND identities AS i
  RETURN
    sum(COUNT { (i)-[:DID]->() }) AS did,
    sum(COUNT { (i)-[:GAVE]->() }) AS gave,
    sum(COUNT { (i)-[:RECEIVED]->() }) AS received
}
// What their own nodes hang on besides: one pass, since there may be very many.
CALL (identities) {
  UNWIND identities AS i
  MATCH (i)-[:DID|GAVE|RECEIVED]->()-[r]-(other)
  WHERE NOT (r:CLAIMED AND other IN identities)
  WITH type(r) AS name, count(*) AS number, collect(DISTINCT other) AS others
  RETURN collect([name, number]) AS lines, reduce(all = [], some IN collect(others) | all + some) AS reached
}
CALL (few) {
  UNWIND few AS gone
  MATCH (gone)-[r:!(DID|GAVE|RECEIVED|ERASES)]-(other)
  WITH type(r) AS name, count(DISTINCT r) AS number, collect(DISTINCT other) AS others
  RETURN collect([name, number]) AS ties, reduce(all = [], some IN collect(others) | all + some) AS tied
}
WITH few, did, gave, received, lines, ties, reached + tied AS around
CALL (few) {
  UNWIND few AS gone
  WITH labels(gone)[0] AS name, count(*) AS number
  RETURN collect([name, number]) AS counted
}
CALL (lines, ties) {
  UNWIND lines + ties AS pair
  WITH pair[0] AS name, sum(pair[1]) AS number
  RETURN collect([name, number]) AS relationships
}
CALL (few, around) {
  UNWIND around AS other
  WITH DISTINCT other, few
  WHERE NOT other IN few AND NOT other:Erasure
  WITH labels(other)[0] AS name, count(*) AS number
  RETURN collect([name, number]) AS stays
}
WITH
  counted + [['Interaction', did], ['Consent', gave], ['Decision', received]] AS nodes,
  relationships + [['DID', did], ['GAVE', gave], ['RECEIVED', received]] AS relationships,
  stays
RETURN
  [pair IN nodes WHERE pair[1] > 0] AS nodes,
  [pair IN relationships WHERE pair[1] > 0] AS relationships,
  stays
