// What products are, as far as an answer shows it or its rules ask for it.
// params:  tenant STRING, ids LIST<STRING>, with_tags BOOLEAN
// returns: products LIST<LIST> of [id, title, brand, category, price, sale_price, availability, tags LIST<STRING>,
//          currency, image_link, link, item_group_id], NULL for what is not known, tags empty unless with_tags; one row,
//          since the driver pays by the record; products that there are
// needs:   nothing
UNWIND $ids AS id
MATCH (p:Product {tenant: $tenant, id: id})
WITH p, CASE WHEN $with_tags THEN COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id } ELSE [] END AS tags
RETURN
  collect([
    p.id,
    coalesce(p.title, p.id),
    p.brand,
    p.category,
    p.price,
    p.sale_price,
    p.availability,
    tags,
    p.currency,
    p.image_link,
    p.link,
    p.item_group_id
  ]) AS products
