// The brands that by its figures k people and more buy in most communities of the run whose figures stand.
// params:  tenant STRING, least INTEGER (people that a figure stands for), limit INTEGER
// returns: brand_id STRING; most communities first, then most buyers in them
// needs:   BUYS, written by app/jobs/portraits.py
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, run: run.id})-[buys:BUYS]->(b:Brand)
WHERE buys.run = run.id AND buys.overall >= $least
WITH b, count(CASE WHEN buys.buyers >= $least THEN 1 END) AS communities, sum(buys.buyers) AS buyers
RETURN b.id AS brand_id
ORDER BY communities DESC, buyers DESC, brand_id
LIMIT $limit
