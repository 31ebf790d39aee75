// The receipt of an erasure.
// params:  tenant STRING, id STRING
// returns: id STRING, kind STRING, at_ms INTEGER, counts STRING (JSON), waiting LIST<STRING>, erased_ms INTEGER or NULL,
//          finished_ms INTEGER or NULL, finished_by STRING or NULL; one row or none
// needs:   nothing
MATCH (erasure:Erasure {tenant: $tenant, id: $id})
RETURN
  erasure.id AS id,
  erasure.kind AS kind,
  erasure.at.epochMillis AS at_ms,
  erasure.counts AS counts,
  erasure.waiting AS waiting,
  erasure.erased_at.epochMillis AS erased_ms,
  erasure.finished_at.epochMillis AS finished_ms,
  erasure.finished_by AS finished_by
