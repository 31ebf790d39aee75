// Where a consent record stands in the history of its purpose: at its time, or at its arrival where that was earlier. Of
// what was written before nothing but its time is known, so a denial that lies in the future counts from now.
MATCH (c:Consent)
WHERE c.counts_from IS NULL
CALL (c) {
  SET c.counts_from = CASE WHEN c.status <> 'granted' AND c.at > datetime() THEN datetime() ELSE c.at END
} IN TRANSACTIONS OF 10000 ROWS;
