// The creatives of a tenant by id, and what its rules say of words.
// params:  tenant STRING, id STRING or NULL (only this one), offered LIST<STRING>, now ZONED DATETIME, limit INTEGER
// returns: rules STRING or NULL (JSON), creatives LIST<LIST> of [fields STRING (JSON), changed_by STRING, changed_at in ms,
//          is_sold_out BOOLEAN, dead_picture STRING or NULL], by id; one row
// needs:   the constraint creative_key
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
CALL () {
  MATCH (c:Creative {tenant: $tenant})
  WHERE $id IS NULL OR c.id = $id
  WITH c
  ORDER BY c.id
  LIMIT $limit
  WITH c, size(c.product_ids) > 0 AND NOT EXISTS {
    MATCH (p:Product {tenant: $tenant})
    WHERE
      p.id IN c.product_ids
      AND p.availability IN $offered
      AND (p.expiration_date IS NULL OR p.expiration_date > $now)
  } AS is_sold_out
  RETURN collect([c.fields, c.changed_by, c.changed_at.epochMillis, is_sold_out, c.dead_picture]) AS creatives
}
RETURN shop.identity_rules AS rules, creatives
