// Which run is active, and under which evidence rules the LIKES were summed.
// params:  tenant STRING
// returns: run STRING or NULL, evidence_rules STRING or NULL; one row
// needs:   nothing
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN run.id AS run, shop.evidence_rules AS evidence_rules
