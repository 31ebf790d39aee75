// Messages are found by their order; orders of before are settled, and all likes summed anew, by the next refresh.
CREATE INDEX interaction_order IF NOT EXISTS FOR (n:Interaction) ON (n.tenant, n.order_id);
MATCH (shop:Tenant)
SET
  shop.unsettled = true,
  shop.evidence_rules = '';
// Products are also found by what else they are known by, and what was said of a product by its own text.
CREATE INDEX product_gtin IF NOT EXISTS FOR (n:Product) ON (n.tenant, n.gtin);
CREATE INDEX product_mpn IF NOT EXISTS FOR (n:Product) ON (n.tenant, n.mpn);
CREATE INDEX product_sku IF NOT EXISTS FOR (n:Product) ON (n.tenant, n.sku);
CREATE INDEX product_group IF NOT EXISTS FOR (n:Product) ON (n.tenant, n.item_group_id);
CREATE INDEX product_availability IF NOT EXISTS FOR (n:Product) ON (n.tenant, n.availability);
CREATE INDEX of_said IF NOT EXISTS FOR ()-[o:OF]-() ON (o.said);
