// One proposal by its id.
// params:  tenant STRING, id STRING
// returns: id STRING, kind STRING, one STRING, other STRING, probability FLOAT, fields STRING (JSON), at_ms INTEGER,
//          status STRING, decided_ms INTEGER or NULL; one row or none
// needs:   MAY_BE, written by proposals/write_proposals
MATCH (one:Identity {tenant: $tenant})-[r:MAY_BE {id: $id}]->(other:Identity {tenant: $tenant})
USING INDEX r:MAY_BE(id)
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
