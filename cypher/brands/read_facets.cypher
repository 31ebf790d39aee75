// What each community buys of a brand, by the figures that stand.
// params:  tenant STRING, brand_id STRING
// returns: brand_id STRING, brand_name STRING, run STRING or NULL, facets LIST<MAP> (community_id, label, size,
//          people (all), buyers, overall, aspects LIST<MAP> (kind, ids, labels, buyers, overall)); one row, none when there is no
//          such brand; facets by community, at most 1,000
// needs:   BUYS, written by app/jobs/portraits.py
MATCH (b:Brand {tenant: $tenant, id: $brand_id})
OPTIONAL MATCH (run:Run {tenant: $tenant, published: true})
CALL (b, run) {
  MATCH (c:TasteCommunity {tenant: $tenant})-[buys:BUYS]->(b)
  WHERE buys.run = run.id AND c.members IS NOT NULL
  ORDER BY c.community
  LIMIT 1000
  RETURN collect({
    community_id: c.community,
    label: c.label,
    size: c.members,
    people: buys.people,
    buyers: buys.buyers,
    overall: buys.overall,
    aspects: [
      {
        kind: 'product',
        ids: buys.product_ids,
        labels: COLLECT {
          UNWIND buys.product_ids AS id
          OPTIONAL MATCH (p:Product {tenant: $tenant, id: id})
          RETURN coalesce(p.title, id)
        },
        buyers: buys.product_buyers,
        overall: buys.product_overall
      },
      {
        kind: 'tag',
        ids: buys.tag_ids,
        labels: COLLECT {
          UNWIND buys.tag_ids AS id
          OPTIONAL MATCH (t:Tag {tenant: $tenant, id: id})
          RETURN coalesce(t.name, id)
        },
        buyers: buys.tag_buyers,
        overall: buys.tag_overall
      },
      {
        kind: 'microgenre',
        ids: buys.genre_ids,
        labels: COLLECT {
          UNWIND buys.genre_ids AS id
          OPTIONAL MATCH (g:MicroGenre {tenant: $tenant, id: id + '@' + run.id})
          OPTIONAL MATCH (given:GenreName {tenant: $tenant, id: id})
          RETURN coalesce(given.name, g.label, id)
        },
        buyers: buys.genre_buyers,
        overall: buys.genre_overall
      }
    ]
  }) AS facets
}
RETURN
  b.id AS brand_id,
  coalesce(b.name, b.id) AS brand_name,
  run.id AS run,
  facets
