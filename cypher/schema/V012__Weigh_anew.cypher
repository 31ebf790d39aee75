// Shops whose likes were summed before there were two weights, and never refreshed since: their next refresh does it.
MATCH (shop:Tenant)
WHERE shop.evidence_rules IS NULL
SET shop.evidence_rules = '';
