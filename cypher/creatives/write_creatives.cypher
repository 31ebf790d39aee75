// Keep creatives, each in place of the one of its id.
// params:  tenant STRING, by STRING (id of the key), at ZONED DATETIME, rows LIST<MAP> (id, fields STRING (JSON), product_ids
//          LIST<STRING> (those that it is for alone; empty: not for products alone), image_link STRING or NULL); sorted by id
// returns: nothing
// needs:   the constraint creative_key
UNWIND $rows AS row
MERGE (c:Creative {tenant: $tenant, id: row.id})
SET
  c.fields = row.fields,
  c.product_ids = row.product_ids,
  c.dead_picture = CASE WHEN c.image_link = row.image_link THEN c.dead_picture END,
  c.image_link = row.image_link,
  c.changed_by = $by,
  c.changed_at = $at
