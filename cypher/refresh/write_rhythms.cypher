// The rhythm of products that somebody bought again on another day: which share of buyers does, after how many days.
// params:  tenant STRING, run STRING, prior_share FLOAT, prior_buyers FLOAT (how many buyers the prior counts for)
// returns: rhythms INTEGER; one row
// needs:   LEARNED_FROM, written by refresh/choose_learners
// again:   finds its rhythms and sets them
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (run)-[:LEARNED_FROM]->(:Identity)-[l:LIKES]->(p:Product)
WHERE l.purchases > 0
WITH
  run,
  p,
  count(*) AS buyers,
  count(CASE WHEN size(l.bought_days) > 1 THEN 1 END) AS buyers_again,
  percentileCont(
    CASE WHEN size(l.bought_days) > 1 THEN 1.0 * (l.bought_days[-1] - l.bought_days[0]) / (size(l.bought_days) - 1) END,
    0.5
  ) AS interval_days
WHERE buyers_again > 0
CALL (run, p, buyers, buyers_again, interval_days) {
  MERGE (p)-[rhythm:REPURCHASED {run: $run}]->(run)
  SET
    rhythm.share = (buyers_again + $prior_share * $prior_buyers) / (buyers + $prior_buyers),
    rhythm.interval_days = interval_days,
    rhythm.buyers = buyers
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS rhythms
