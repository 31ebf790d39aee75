// Messages are found by their order; orders of before are settled, and all likes summed anew, by the next refresh.
CREATE INDEX interaction_order IF NOT EXISTS FOR (n:Interaction) ON (n.tenant, n.order_id);
MATCH (shop:Tenant)
SET
  shop.unsettled = true,
  shop.evidence_rules = '';
