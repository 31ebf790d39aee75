// What an answer is made of: what Debbie likes, what is similar to it and not hers yet, what she will need again.
// look for: read from the identity outwards. LIKES is her own evidence, SIMILAR_TO the strongest evidence of the crowd's
//           baskets; several arrows into one product are several reasons.
//           Products that point at the Run have a rhythm, and are offered again. Nothing of Tom's leads anywhere.
// adapt:    tenant and identity in the first line; without a live consent nothing is drawn (try nora-refuses).
//           `:config autoComplete: false` first: it keeps Browser from adding every edge between these products.
// needs:    LIKES; an active Run with SIMILAR_TO and REPURCHASED. These are the facts; the scores of an answer, which weigh
//           more than is drawn here, are the service's (`explain` in POST /v1/recommendations).
WITH 'demo' AS tenant, 'debbie-personal' AS identity_id
MATCH (run:Run {tenant: tenant, active: true})
MATCH (i:Identity {tenant: tenant, id: identity_id})
CALL (i) {
  MATCH (i)-[gave:GAVE]->(consent:Consent {purpose: 'personalise_content'})
  WHERE consent.at <= datetime() OR consent.status <> 'granted'
  RETURN gave, consent
  ORDER BY consent.counts_from DESC, consent.status = 'granted' AND coalesce(consent.expires_at > datetime(), true)
  LIMIT 1
}
WITH *
WHERE consent.status = 'granted' AND coalesce(consent.expires_at > datetime(), true)
CALL (i) {
  MATCH (i)-[likes:LIKES]->(liked:Product)
  WITH likes, liked, likes.weight * exp(-duration.inSeconds(likes.last_at, datetime()).seconds / 86400.0 / 120) AS weight
  ORDER BY weight DESC, liked.id
  LIMIT 60
  RETURN collect({likes: likes, liked: liked, weight: weight}) AS seeds
}
CALL (run, i, seeds) {
  UNWIND seeds AS seed
  WITH run, i, seed, seed.liked AS liked
  MATCH (liked)-[similar:SIMILAR_TO]->(near:Product)
  WHERE
    similar.run = run.id
    AND near.availability IN ['in_stock', 'preorder', 'backorder']
    AND NOT EXISTS { (i)-[own:LIKES]->(near) WHERE own.purchases > 0 }
  WITH near, seed, similar, seed.weight * similar.weight AS part
  ORDER BY part DESC, seed.liked.id
  WITH near, sum(part) AS score, collect({seed: seed, similar: similar})[..2] AS reasons
  ORDER BY score DESC, near.id
  LIMIT 9
  UNWIND reasons AS reason
  RETURN reason.seed.likes AS likes, reason.seed.liked AS product, reason.similar AS leads, near AS target
  UNION
  UNWIND seeds AS seed
  WITH run, seed, seed.liked AS liked
  MATCH (liked)-[rhythm:REPURCHASED]->(run)
  WHERE seed.likes.purchases > 0 AND rhythm.share >= 0.15
  RETURN seed.likes AS likes, liked AS product, rhythm AS leads, run AS target
  ORDER BY seed.weight * rhythm.share ^ 0.75 DESC, liked.id
  LIMIT 5
}
RETURN i, gave, consent, likes, product, leads, target
LIMIT 100
