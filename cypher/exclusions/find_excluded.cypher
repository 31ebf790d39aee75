// Which lines of what identities did they have excluded from their evidence.
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: identity_id STRING, lines LIST<LIST> of [interaction id, product id]; one row an identity that excludes any
// needs:   EXCLUDES, written by exclusions/add_exclusion; IN_GENRE.first of the active Run
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})-[:EXCLUDES]->(e:Exclusion)
MATCH (i)-[:DID|CLAIMED]->(x:Interaction)-[:OF]->(p:Product)
WHERE
  CASE e.kind
    WHEN 'product'
      THEN
        p.id = e.value OR
        EXISTS {
          MATCH (variant:Product {tenant: $tenant, id: e.value})
          WHERE variant.item_group_id = p.item_group_id
        }
    WHEN 'brand' THEN EXISTS { (p)-[:MADE_BY]->(:Brand {id: e.value}) }
    WHEN 'tag'
      THEN
        EXISTS {
          MATCH (p)-[:TAGGED]->(t:Tag)
          WHERE
            t.id = e.value OR
            t.id = toLower(t.facet) + ':' + e.value OR
            (e.value STARTS WITH 'category:' AND t.id STARTS WITH e.value + ' > ')
        }
    WHEN 'microgenre'
      THEN
        EXISTS {
          MATCH (p)-[in:IN_GENRE {first: true}]->(:MicroGenre {genre: e.value})
          WHERE EXISTS { (:Run {tenant: $tenant, id: in.run, active: true}) }
        }
    WHEN 'order' THEN x.order_id = e.value AND coalesce(e.product_id = p.id, true)
    ELSE x.id = e.value AND coalesce(e.product_id = p.id, true)
  END
RETURN i.id AS identity_id, collect(DISTINCT [x.id, p.id]) AS lines
