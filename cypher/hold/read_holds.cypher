// Who has writing held back, and for how long still; the operator's view over all tenants, hence without $tenant: what
// a backup left there, nothing of a shop's data.
// params:  none
// returns: tenant STRING, kind STRING (backup, restore or load), seconds FLOAT (left; negative once it has run out); one row
//          a hold, by tenant
// needs:   nothing
MATCH (h:Hold)
RETURN
  h.tenant AS tenant,
  h.kind AS kind,
  (h.until.epochMillis - datetime.realtime().epochMillis) / 1000.0 AS seconds
ORDER BY tenant
LIMIT 1000
