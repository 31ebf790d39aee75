// What products are, as far as an answer shows it or its rules ask for it.
// params:  tenant STRING, ids LIST<STRING>, with_tags BOOLEAN, least_share FLOAT (0 to 1)
// returns: rules STRING or NULL (the tenant's, as JSON), products LIST<LIST> of [id, title, brand, category, price,
//          sale_price, availability, tags LIST<STRING>, currency, image_link, link, item_group_id, names LIST<STRING> of
//          the tags that are at least least_share of the weight of all of the product's, times LIST of expires, sale from
//          and sale until in ms], NULL for what is not known, tags empty unless with_tags; one row, since the driver pays
//          by the record; products that there are
// needs:   nothing
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN
  shop.identity_rules AS rules,
  COLLECT {
    UNWIND $ids AS id
    MATCH (p:Product {tenant: $tenant, id: id})
    RETURN [
      p.id,
      coalesce(p.title, p.id),
      p.brand,
      p.category,
      p.price,
      p.sale_price,
      p.availability,
      CASE WHEN $with_tags THEN COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id } ELSE [] END,
      p.currency,
      p.image_link,
      p.link,
      p.item_group_id,
      COLLECT {
        MATCH (p)-[tagged:TAGGED]->(t:Tag)
        WITH sum(tagged.weight) AS whole, collect({name: t.name, weight: tagged.weight}) AS tags
        UNWIND tags AS tag
        WITH whole, tag
        WHERE tag.weight >= $least_share * whole
        RETURN tag.name
      },
      [p.expiration_date.epochMillis, p.sale_from.epochMillis, p.sale_until.epochMillis]
    ]
  } AS products
