// The largest taste communities, what each is associated with most, and which of them share members.
// look for: OVERLAPS is people who belong to both: nobody is in one drawer. MATCHES leads to the microgenres that members buy
//           in more often than others do (lift, low and high in the Table view): an association, not a reason.
// adapt:    tenant and the fewest members in the first line; keep 50 or more, so that nobody can be guessed.
// needs:    a refresh that published figures, its Run with TasteCommunity, MicroGenre and MATCHES (app/jobs/communities.py), OVERLAPS (app/jobs/portraits.py)
WITH 'demo' AS tenant, 50 AS least
MATCH (run:Run {tenant: tenant, published: true})
MATCH (c:TasteCommunity {tenant: tenant, run: run.id})
WHERE c.members >= least AND c.label IS NOT NULL
WITH run, least, c
ORDER BY c.members DESC, c.id
LIMIT 10
WITH run, least, collect(c) AS communities
UNWIND communities AS c
CALL (run, least, communities, c) {
  MATCH path = (c)-[m:MATCHES]->(g:MicroGenre)
  WHERE m.run = run.id AND m.support >= least AND m.low > 1 AND g.label IS NOT NULL
  RETURN path
  ORDER BY m.lift DESC, g.id
  LIMIT 3
  UNION
  MATCH path = (c)-[o:OVERLAPS]->(other:TasteCommunity)
  WHERE o.run = run.id AND o.members >= least AND other IN communities
  RETURN path
  ORDER BY o.members DESC, other.id
  LIMIT 2
}
RETURN path
LIMIT 60
