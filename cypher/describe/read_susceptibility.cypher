// How much deals and trends move an identity, as the active run estimates it.
// params:  tenant STRING, identity_id STRING
// returns: price LIST<FLOAT> or NULL, trend LIST<FLOAT> or NULL ([estimate, low, high, n]); one row, none when no active
//          run learned from it
// needs:   an active Run; LEARNED_FROM with figures by app/jobs/susceptibility.py
MATCH (i:Identity {tenant: $tenant, id: $identity_id})<-[l:LEARNED_FROM]-(:Run {active: true})
RETURN
  CASE
    WHEN l.price_n > 0 THEN [l.price_sensitivity, l.price_low, l.price_high, l.price_n]
  END AS price,
  CASE
    WHEN l.trend_n > 0 THEN [l.trend_susceptibility, l.trend_low, l.trend_high, l.trend_n]
  END AS trend
LIMIT 1
