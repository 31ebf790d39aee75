// Proposals of persons between some identities, that were accepted or are open.
// params:  tenant STRING, ids LIST<STRING>
// returns: id STRING, kind STRING, one STRING, other STRING, probability FLOAT, fields STRING (JSON), at_ms INTEGER,
//          status STRING, decided_ms INTEGER or NULL; one row per proposal
// needs:   MAY_BE, written by proposals/write_proposals
UNWIND $ids AS id
MATCH (one:Identity {tenant: $tenant, id: id})-[r:MAY_BE {kind: 'person'}]->(other:Identity {tenant: $tenant})
WHERE r.status <> 'rejected' AND other.id IN $ids
RETURN
  r.id AS id,
  r.kind AS kind,
  one.id AS one,
  other.id AS other,
  r.probability AS probability,
  r.fields AS fields,
  r.at.epochMillis AS at_ms,
  r.status AS status,
  r.decided_at.epochMillis AS decided_ms
