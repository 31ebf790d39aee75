// Note under which evidence rules the LIKES were summed, and that all orders are settled.
// params:  tenant STRING, evidence_rules STRING (JSON)
// returns: nothing
// needs:   nothing
// again:   sets the same
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET
  shop.evidence_rules = $evidence_rules,
  shop.unsettled = null
