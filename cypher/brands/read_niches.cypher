// Communities whose taste fits a brand and that could be expected to buy it, with what fits and what similar brands sell.
// params:  tenant STRING, brand_id STRING, least INTEGER (from which on a noisy number is published)
// returns: brand_id STRING, brand_name STRING, run STRING or NULL, niches LIST<MAP> (community_id, label, size, buyers,
//          overall, expected FLOAT, spread FLOAT, fits LIST<MAP> (id, label, lift, low, high, support; highest first, at most 5), entry_products
//          LIST<MAP> (id, label; at most 5), similar LIST<MAP> (id, label, buyers, products LIST<MAP> (id, label); most
//          buyers first, at most 5)); one row, none when there is no such brand; niches by community, at most 1,000
// needs:   BUYS, written by app/jobs/portraits.py; MATCHES and IN_GENRE of the run
MATCH (b:Brand {tenant: $tenant, id: $brand_id})
OPTIONAL MATCH (run:Run {tenant: $tenant, published: true})
CALL (b, run) {
  MATCH (p:Product)-[:MADE_BY]->(b)
  MATCH (p)-[in:IN_GENRE]->(g:MicroGenre)
  WHERE in.run = run.id
  WITH DISTINCT g
  RETURN collect(g) AS genres
}
CALL (b, run, genres) {
  MATCH (c:TasteCommunity {tenant: $tenant})-[buys:BUYS]->(b)
  WHERE buys.run = run.id AND buys.buyers < buys.expected AND c.members IS NOT NULL
  ORDER BY c.community
  LIMIT 1000
  CALL (c, run, genres) {
    MATCH (c)-[m:MATCHES]->(g:MicroGenre)
    WHERE m.run = run.id AND m.low > 1 AND m.support >= $least AND g IN genres
    OPTIONAL MATCH (given:GenreName {tenant: $tenant, id: g.genre})
    WITH g, m, coalesce(given.name, g.label, g.genre) AS label
    ORDER BY m.lift DESC, g.genre
    LIMIT 5
    RETURN
      collect({id: g.genre, label: label, lift: m.lift, low: m.low, high: m.high, support: m.support}) AS fits,
      collect({genre: g, lift: m.lift}) AS liked
  }
  CALL (b, run, liked) {
    UNWIND liked AS one
    WITH b, run, one.genre AS g, one.lift AS lift
    MATCH (p:Product)-[in:IN_GENRE]->(g)
    WHERE in.run = run.id AND p.likers >= $least AND EXISTS { (p)-[:MADE_BY]->(b) }
    WITH p, sum(in.weight * lift) AS fit
    ORDER BY fit DESC, p.likers DESC, p.id
    LIMIT 5
    RETURN collect({id: p.id, label: coalesce(p.title, p.id)}) AS entry_products
  }
  CALL (b, c, run, genres) {
    MATCH (c)-[sold:BUYS]->(other:Brand)
    WHERE
      sold.run = run.id
      AND other <> b
      AND sold.buyers >= $least
      AND any(g IN genres WHERE g.genre IN sold.genre_ids)
    WITH other, sold
    ORDER BY sold.buyers DESC, other.id
    LIMIT 5
    RETURN collect({
      id: other.id,
      label: coalesce(other.name, other.id),
      buyers: sold.buyers,
      products: COLLECT {
        UNWIND sold.product_ids[..3] AS id
        OPTIONAL MATCH (p:Product {tenant: $tenant, id: id})
        RETURN {id: id, label: coalesce(p.title, id)}
      }
    }) AS similar
  }
  RETURN collect({
    community_id: c.community,
    label: c.label,
    size: c.members,
    buyers: buys.buyers,
    overall: buys.overall,
    expected: buys.expected,
    spread: buys.spread,
    fits: fits,
    entry_products: entry_products,
    similar: similar
  }) AS niches
}
RETURN
  b.id AS brand_id,
  coalesce(b.name, b.id) AS brand_name,
  run.id AS run,
  niches
