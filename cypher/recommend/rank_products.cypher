// The ranking: who asks, whether we may look, and the products that their history, this session, the page and the
// crowd speak for. One statement, so that consent, run and history are of one moment.
// params:  tenant STRING, now ZONED DATETIME, now_ms INTEGER, identity_id STRING or NULL, session_id STRING or NULL,
//          voice_id STRING or NULL (only this one of those who may speak), context_ids LIST<STRING> (products that the
//          page shows), purpose STRING,
//          full_price BOOLEAN (deals in the history say less), without MAP (imagined away, else empty: likes MAP of what
//          own likes would be, by product, or NULL, product_ids LIST<STRING> and interaction_ids LIST<STRING> of the
//          session, community STRING or NULL),
//          known STRING or NULL (stamp of the ranking that the caller still holds), decay_days FLOAT,
//          history_size INTEGER, far_reaching_likes INTEGER (so many of them also speak for what is further),
//          session_ms INTEGER (length of a session), likes_weight FLOAT, session_weight FLOAT, context_weight FLOAT,
//          genre_weight FLOAT, use_repeat BOOLEAN, use_history BOOLEAN, use_peers BOOLEAN, use_community BOOLEAN,
//          use_genre BOOLEAN, use_popular BOOLEAN, rhythm_min_share FLOAT,
//          offered LIST<STRING> (availabilities), exclude_ids LIST<STRING>, reach INTEGER (near products among
//          which popularity changes the order), pool_size INTEGER (rows kept a source), places INTEGER or NULL (popular ones
//          are read only where the others leave some of these open; NULL: always), tag_ids LIST<STRING>,
//          tag_names LIST<STRING>,
//          brand_ids LIST<STRING> (whose popular products are wanted first), with_tags BOOLEAN, explain BOOLEAN
// returns: stamp STRING (of run, catalogue, identity, consent and grants), granted BOOLEAN, kind STRING or NULL (of
//          an identity that consented), members LIST<STRING> (ids of
//          those who speak for a household, one at a time: ask again with each as voice_id), run STRING or NULL,
//          model_version STRING or NULL, run_finished_ms INTEGER or NULL, communities LIST<MAP> (id, label or NULL,
//          strength) of the identity, strongest first, seeds LIST<MAP> (id, title, bought, kind,
//          via: "" or the kind of the identity that granted it),
//          near LIST<MAP> (product, score, session_score, peers_score, community_score, genre_score, popular_score,
//          parts LIST<LIST> of [seed index, score]), best first; popular_score is in no part,
//          repeats LIST<MAP> (product, score, via), best first, popular LIST<MAP> (product, score, anchor), best first;
//          product is MAP (id, title, brand, category, price, tags); one row; the lists are empty when
//          stamp equals $known
// needs:   an active Run by app/jobs/refresh.py for anything but empty lists; LIKES kept by ingest/
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
OPTIONAL MATCH (asked:Identity {tenant: $tenant, id: $identity_id})
WITH shop, run, asked,
  // The gate: the latest record decides, the stricter of two at one time, expiry is looked at now.
  COLLECT {
    MATCH (asked)-[:GAVE]->(c:Consent {purpose: $purpose})
    WHERE c.at <= $now
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.at DESC, live
    LIMIT 1
  } = [true] AS granted
// Who else may speak: whoever granted it for this purpose, while both of its own consents last. Never further than one step.
CALL (asked, granted) {
  MATCH (asked)<-[g:GRANTED]-(giver:Identity)
  WHERE
    granted
    AND $purpose IN g.purposes
    AND g.at <= $now
    AND g.until > $now
    AND COLLECT {
      MATCH (giver)-[:GAVE]->(c:Consent {purpose: 'household_share'})
      WHERE c.at <= $now
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.at DESC, live
      LIMIT 1
    } = [true]
    AND COLLECT {
      MATCH (giver)-[:GAVE]->(c:Consent {purpose: $purpose})
      WHERE c.at <= $now
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.at DESC, live
      LIMIT 1
    } = [true]
  WITH DISTINCT giver
  ORDER BY giver.id
  RETURN collect(giver) AS givers
}
WITH run, asked, granted, givers,
  coalesce(run.id, '') + '/' + coalesce(shop.catalogue_version, 0) + '/' +
    CASE WHEN granted THEN coalesce(asked.version, 0) ELSE '' END +
    reduce(stamps = '', giver IN givers | stamps + '/' + giver.id + ':' + giver.version) AS stamp
WITH *,
  $known IS NOT NULL AND $known = stamp AS unchanged,
  asked.kind = 'household' AND size(givers) > 0 AND $voice_id IS NULL AS by_turns
WITH
  stamp,
  granted,
  run,
  CASE WHEN granted THEN asked.kind END AS kind,
  CASE WHEN by_turns AND NOT unchanged THEN [one IN [asked] + givers | one.id] ELSE [] END AS members,
  // Everything below hangs on these three: no consent, no reader; nothing new, nothing to read.
  CASE WHEN granted AND NOT unchanged THEN asked END AS reader,
  CASE
    WHEN NOT granted OR unchanged OR by_turns THEN []
    ELSE [one IN [asked] + givers WHERE $voice_id IS NULL OR one.id = $voice_id]
  END AS voices,
  CASE WHEN NOT unchanged THEN run END AS source
// The history: what is owned, and the likes that speak for other products. The server counts what a row holds again for
// each row that is sorted below, and maps are large: so likes travel as lists, one a column, and are sorted before.
CALL (reader, voices, source) {
  UNWIND voices AS voice
  MATCH (voice)-[l:LIKES]->(p:Product)
  WITH p, CASE WHEN voice = reader THEN '' ELSE voice.kind END AS via,
    CASE WHEN $without.likes IS NOT NULL AND voice = reader THEN coalesce($without.likes[p.id], l) ELSE l END AS l
  WHERE l.weight > 0
  WITH p, via, l.purchases > 0 AS bought, l.last_at.epochMillis AS at, l.last_bought_at.epochMillis AS bought_at,
    CASE WHEN $full_price THEN coalesce(l.full_price_weight, l.weight) ELSE l.weight END AS weight
  WITH p, via, bought, at, bought_at, weight * exp((at - $now_ms) / 86400000.0 / $decay_days) AS weight
  WITH
    p,
    sum(weight) AS weight,
    max(CASE WHEN via = '' THEN at ELSE 0 END) AS last_ms,
    min(via) AS via,
    max(bought) AS bought,
    max(CASE WHEN bought THEN bought_at END) AS bought_ms,
    sum(CASE WHEN bought THEN weight END) AS bought_weight,
    min(CASE WHEN bought THEN via END) AS bought_via
  ORDER BY weight DESC, p.id
  WITH
    collect(CASE WHEN bought THEN p END) AS owned,
    collect(CASE WHEN bought THEN p.id END) AS owned_ids,
    collect(CASE WHEN bought THEN coalesce(bought_ms, $now_ms) END) AS owned_ms,
    collect(CASE WHEN bought THEN bought_weight END) AS owned_weights,
    collect(CASE WHEN bought THEN bought_via END) AS owned_via,
    collect(CASE WHEN $use_history THEN p END)[..$history_size] AS liked,
    collect(weight)[..$history_size] AS weights,
    collect(bought)[..$history_size] AS liked_bought,
    collect(via)[..$history_size] AS liked_via,
    collect(
      CASE WHEN $use_history AND last_ms >= $now_ms - $session_ms THEN {product: p, bought: bought, at: last_ms} END
    ) AS recently
  // As in refresh/read_likes: one heavy habit does not speak for everything.
  WITH *, reduce(total = 0.0, weight IN weights | total + weight) AS total
  WITH *, [weight IN weights | log(1 + weight * size(weights) / total)] AS says
  WITH *, reduce(total = 0.0, said IN says | total + said) AS said_in_all
  WITH owned, owned_ids, owned_ms, owned_weights, owned_via, liked, liked_bought, liked_via, recently,
    [said IN says | said / said_in_all] AS shares
  CALL (recently) {
    UNWIND recently AS one
    WITH one
    ORDER BY one.at DESC, one.product.id
    LIMIT 20
    RETURN collect({product: one.product, bought: one.bought}) AS touched
  }
  // Where the own likes lie: communities and microgenres by their share of them. What was granted says nothing here.
  WITH owned, owned_ids, owned_ms, owned_weights, owned_via, liked, liked_bought, liked_via, shares, touched,
    reduce(own = 0.0, place IN range(0, size(liked) - 1) |
      own + CASE WHEN liked_via[place] = '' THEN shares[place] ELSE 0.0 END) AS own
  CALL (source, liked, liked_via, shares, own) {
    UNWIND range(0, size(liked) - 1) AS place
    WITH liked[place] AS product, shares[place] AS weight, liked_via[place] AS via
    WHERE via = ''
    MATCH (product)-[home:AT_HOME_IN]->(community)
    WHERE home.run = source.id
    WITH community, sum(weight) / own AS strength, count(*) AS products
    WITH community, strength, products, community.usual_share AS usual
    ORDER BY strength DESC, community.id
    // As in app/taste/communities.py: more than the crowd, beyond what so few likes may show by chance.
    WITH community, strength,
      products >= 2 AND strength >= 0.02 AND strength >= usual + 2 * sqrt(usual * (1 - usual) / size(liked)) AS belongs
    WITH community, strength,
      CASE WHEN belongs THEN community {id: community.community, .label, strength: round(strength, 6)} END AS told
    RETURN
      // A community may speak to somebody of whom it is not certain yet; then it is not named.
      collect({community: community, strength: strength, told: told, kind: 'community'})[..6] AS near_to,
      collect(told)[..4] AS belongs
  }
  CALL (source, liked, liked_via, shares, own) {
    UNWIND range(0, size(liked) - 1) AS place
    WITH liked[place] AS product, shares[place] AS weight, liked_via[place] AS via
    WHERE $use_genre AND via = ''
    MATCH (product)-[in:IN_GENRE]->(genre)
    WHERE in.run = source.id
    WITH genre, sum(weight * in.weight) / own AS interest
    ORDER BY interest DESC, genre.id
    LIMIT 8
    RETURN collect({genre: genre, interest: interest}) AS interests
  }
  // As aggregates, though of one row: only they make the server forget what else the row held.
  RETURN
    collect(owned)[0] AS owned,
    collect(owned_ids)[0] AS owned_ids,
    collect(owned_ms)[0] AS owned_ms,
    collect(owned_weights)[0] AS owned_weights,
    collect(owned_via)[0] AS owned_via,
    collect(CASE WHEN $likes_weight > 0 THEN liked ELSE [] END)[0] AS heard,
    collect(shares)[0] AS shares,
    collect(CASE WHEN $explain THEN liked_bought END)[0] AS liked_bought,
    collect(CASE WHEN $explain THEN liked_via END)[0] AS liked_via,
    collect(touched)[0] AS touched,
    collect(near_to)[0] AS near_to,
    collect(belongs)[0] AS belongs,
    collect(interests)[0] AS interests
}
CALL (source) {
  // A session without a named identity speaks only where the one who did it has consented.
  MATCH (x:Interaction {tenant: $tenant, session_id: $session_id})<-[:DID]-(visitor:Identity)
  WHERE
    source IS NOT NULL
    AND COLLECT {
      MATCH (visitor)-[:GAVE]->(c:Consent {purpose: $purpose})
      WHERE c.at <= $now
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.at DESC, live
      LIMIT 1
    } = [true]
  MATCH (x)-[:OF]->(p:Product)
  WHERE NOT x.id IN $without.interaction_ids AND NOT p.id IN $without.product_ids
  WITH p, max(x.at) AS last_at, max(x.type = 'purchase') AS bought
  ORDER BY last_at DESC, p.id
  LIMIT 20
  RETURN collect({product: p, bought: bought}) AS visited
}
CALL (source) {
  UNWIND $context_ids AS id
  MATCH (p:Product {tenant: $tenant, id: id})
  WHERE source IS NOT NULL
  RETURN collect({
    node: p, bought: false, kind: 'context', weight: $context_weight / size($context_ids)
  }) AS shown
}
// Whose likes are near to no community is likely to be near to those of what it looks at; it belongs to none of them.
CALL (source, near_to, visited, shown) {
  UNWIND [one IN visited | one.product] + [one IN shown | one.node] AS product
  WITH source, product
  WHERE $use_community AND size(near_to) = 0
  MATCH (product)-[home:AT_HOME_IN]->(community)
  WHERE home.run = source.id
  WITH community, count(*) AS products
  ORDER BY products DESC, community.id
  RETURN
    collect({
      community: community,
      strength: 1.0 * products / size(visited + shown),
      kind: 'likely'
    })[..6] AS likely
}
// How loudly each of them speaks, by the length of the history; alone, a source needs no measure.
WITH *,
  touched + visited AS recent,
  $use_peers AND reader IN voices AND EXISTS { (reader)-[s:PEERS_LIKE]->(:Product) WHERE s.run = source.id } AS has_peers,
  reduce(bracket = 0, place IN range(1, size(coalesce(source.blend_sizes, [])) - 1) |
    CASE WHEN source.blend_sizes[place] <= size(heard) THEN place ELSE bracket END) AS bracket
// What many likes say is spread over many products, so others speak as much quieter: 1 for one like, 1/2 for four.
WITH *,
  CASE WHEN size(heard) = 0 THEN 1.0 ELSE sqrt(reduce(total = 0.0, share IN shares | total + share * share)) END
    AS concentration
WITH *, coalesce(source.blend_peers[bracket], 0.0) * concentration AS peers_weight
WITH stamp, granted, kind, members, run, source, shown, owned, owned_ids, owned_ms, owned_weights, owned_via, belongs,
  heard, shares, liked_bought, liked_via,
  CASE
    WHEN $likes_weight = 0 OR size(heard) = 0 AND NOT has_peers THEN 0.0
    ELSE coalesce(source.blend_popularity[bracket], 0.0) * concentration / log(1 + coalesce(source.most_likers, 1))
  END AS popularity_weight,
  [one IN recent | {
      node: one.product, bought: one.bought, kind: 'session', weight: $session_weight / size(recent)
    }] +
    shown +
    [one IN [reader] WHERE has_peers | {
      node: one, bought: false, kind: 'peers',
      weight: CASE
        WHEN $likes_weight = 0 OR size(heard + recent + shown) = 0 AND peers_weight = 0 THEN 1.0
        ELSE peers_weight
      END
    }] +
    [one IN near_to + likely WHERE $use_community AND coalesce(one.community.community <> $without.community, true) | {
      node: one.community, told: one.told, bought: false, kind: one.kind,
      weight: one.strength *
        CASE WHEN $likes_weight > 0 THEN coalesce(source.blend_community[bracket], 0.0) * concentration ELSE 1.0 END
    }] +
    [one IN interests | {node: one.genre, bought: false, kind: 'genre', weight: one.interest * $genre_weight}]
  AS others
// Near: what the seeds, likes and others, speak for, without what is owned.
CALL (source, heard, shares, others, owned_ids, popularity_weight) {
  CALL (source, heard, shares, others, owned_ids) {
    // All that a product says is one record: read at once, where as many edges would be walked one by one.
    UNWIND range(0, size(heard) + size(others) - 1) AS place
    WITH place, CASE WHEN place >= size(heard) THEN others[place - size(heard)] END AS other
    WITH place, coalesce(other.node, heard[place]) AS speaker, coalesce(other.weight, shares[place]) AS loudness
    WHERE loudness > 0
    MATCH (speaker)-[speaks:SPEAKS_IN]->(:Run)
    WHERE speaks.run = source.id
    // Many likes agree on enough among what is nearest to each, so only the strongest are asked for what is further.
    WITH place, loudness, speaks.product_ids AS ids, speaks.weights AS weights,
      CASE
        WHEN place < $far_reaching_likes OR place >= size(heard) THEN size(speaks.product_ids)
        ELSE speaks.nearest
      END AS most
    UNWIND range(0, most - 1) AS rank
    // Of the many likes only the sum is wanted, unless they are to be explained.
    RETURN
      ids[rank] AS id,
      loudness * weights[rank] AS said,
      CASE WHEN $explain OR place >= size(heard) THEN place END AS place
    UNION ALL
    UNWIND range(0, size(others) - 1) AS place
    WITH place, others[place].node AS speaker, others[place].weight AS loudness
    WHERE loudness > 0
    MATCH (speaker)-[s:PEERS_LIKE|FAVOURS|INTRODUCES]->(near)
    WHERE s.run = source.id
    RETURN near.id AS id, loudness * s.weight AS said, size(heard) + place AS place
    UNION ALL
    // Before the best are taken, since a long history speaks most for what it owns. Nobody is louder than this; to look
    // for each product in long lists takes longer.
    UNWIND owned_ids + $exclude_ids AS id
    RETURN id, -1000000.0 AS said, NULL AS place
  }
  // Not grouped by the lists of this scope: every group would hold them all.
  WITH id, sum(said) AS said, collect(CASE WHEN place IS NOT NULL THEN [place, said] END) AS parts
  WHERE said > 0
  ORDER BY said DESC, id
  MATCH (near:Product {tenant: $tenant, id: id})
  WHERE near.availability IN $offered
  WITH near, said, parts
  ORDER BY said DESC, id
  LIMIT $reach
  WITH near, said, parts, popularity_weight * log(1 + coalesce(near.likers, 0)) AS popular_score
  WITH near, said + popular_score AS score, popular_score, parts
  ORDER BY score DESC, near.id
  LIMIT $pool_size
  WITH near, score, popular_score, parts,
    [kinds IN [['session'], ['peers'], ['community', 'likely'], ['genre']] |
      reduce(said = 0.0, part IN parts |
        said + CASE WHEN part[0] >= size(heard) AND others[part[0] - size(heard)].kind IN kinds THEN part[1] ELSE 0.0 END)]
    AS said_by
  RETURN collect({
    product: near {
      .id, .title, .brand, .category, .price, tags: CASE WHEN $with_tags THEN [(near)-[:TAGGED]->(t) | t.id] ELSE [] END
    },
    score: score,
    session_score: said_by[0],
    peers_score: said_by[1],
    community_score: said_by[2],
    genre_score: said_by[3],
    popular_score: popular_score,
    parts: CASE WHEN $explain THEN parts ELSE [] END
  }) AS near
}
// Repeats: own purchases of products with a rhythm, unless just bought.
CALL (source, owned, owned_ms, owned_weights, owned_via) {
  UNWIND range(0, size(owned) - 1) AS place
  WITH source, owned[place] AS p, owned_via[place] AS via, owned_weights[place] AS weight,
    ($now_ms - owned_ms[place]) / 86400000.0 AS days_since
  WHERE $use_repeat
  // From the few own products to the run, not from the run to all that have a rhythm.
  MATCH (p)-[rhythm:REPURCHASED]->(:Run)
  WHERE rhythm.run = source.id AND rhythm.share >= $rhythm_min_share AND p.availability IN $offered AND NOT p.id IN $exclude_ids
  WITH p, via,
    weight * rhythm.share ^ 0.75 *
      CASE
        WHEN days_since <= 0 THEN 0.0
        WHEN 4 * days_since < rhythm.interval_days THEN (4 * days_since / rhythm.interval_days) ^ 0.3
        ELSE 1.0
      END AS score
  WHERE score > 0
  ORDER BY score DESC, p.id
  LIMIT $pool_size
  RETURN collect({
    product: p {
      .id, .title, .brand, .category, .price, tags: CASE WHEN $with_tags THEN [(p)-[:TAGGED]->(t) | t.id] ELSE [] END
    },
    score: score,
    via: via
  }) AS repeats
}
// Popular: in the categories of the page or of the rules first, then overall.
// What is next to silent beside the best may be rounded away, so it fills no place for certain.
WITH *,
  CASE
    WHEN NOT $use_popular THEN NULL
    WHEN $places <=
      size([one IN near WHERE 10000 * one.score > near[0].score]) +
      size([one IN repeats WHERE 10000 * one.score > repeats[0].score]) THEN NULL
    ELSE source
  END AS crowd
CALL (crowd, shown) {
  UNWIND shown AS one
  WITH crowd, one.node AS product
  WHERE crowd IS NOT NULL
  MATCH (product)-[:TAGGED]->(anchor:Tag {facet: 'category'})
  RETURN collect(DISTINCT anchor) AS page_anchors
}
CALL (crowd) {
  MATCH (anchor:Tag {tenant: $tenant})
  WHERE anchor.id IN $tag_ids AND crowd IS NOT NULL
  RETURN collect(anchor) AS id_anchors
}
CALL (crowd) {
  MATCH (anchor:Tag {tenant: $tenant})
  WHERE anchor.name IN $tag_names AND crowd IS NOT NULL
  RETURN collect(anchor) AS name_anchors
}
CALL (crowd) {
  MATCH (anchor:Brand {tenant: $tenant})
  WHERE anchor.id IN $brand_ids AND crowd IS NOT NULL
  RETURN collect(anchor) AS brand_anchors
}
CALL (crowd, owned, page_anchors, id_anchors, name_anchors, brand_anchors) {
  UNWIND page_anchors + id_anchors + name_anchors + brand_anchors + [crowd] AS anchor
  WITH DISTINCT crowd, anchor
  MATCH (anchor)-[r:POPULAR]->(p:Product)
  WHERE
    r.run = crowd.id
    AND p.availability IN $offered
    AND NOT p.id IN $exclude_ids
    AND NOT p IN owned
  WITH p, max(r.score * CASE WHEN anchor = crowd THEN 0.1 ELSE 1.0 END) AS score,
    collect(coalesce(anchor.name, ''))[0] AS anchor
  ORDER BY score DESC, p.id
  LIMIT $pool_size
  RETURN collect({
    product: p {
      .id, .title, .brand, .category, .price, tags: CASE WHEN $with_tags THEN [(p)-[:TAGGED]->(t) | t.id] ELSE [] END
    },
    score: score,
    anchor: anchor
  }) AS popular
}
RETURN
  stamp,
  granted,
  kind,
  members,
  run.id AS run,
  run.model_version AS model_version,
  run.finished_at.epochMillis AS run_finished_ms,
  CASE
    WHEN $explain THEN
      [place IN range(0, size(heard) - 1) | {
        id: heard[place].id,
        title: coalesce(heard[place].title, heard[place].id),
        bought: liked_bought[place],
        kind: 'like',
        via: liked_via[place]
      }] +
      [other IN others | {
        // Ids without their run; of those who are followed, and of communities one may not belong to, nothing is named.
        id: CASE other.kind
          WHEN 'peers', 'likely' THEN ''
          WHEN 'community' THEN coalesce(other.told.id, '')
          ELSE coalesce(other.node.genre, other.node.id)
        END,
        title: CASE other.kind
          WHEN 'peers', 'likely' THEN ''
          WHEN 'community' THEN coalesce(other.told.label, '')
          WHEN 'genre' THEN coalesce(other.node.label, '')
          ELSE coalesce(other.node.title, other.node.id)
        END,
        bought: other.bought,
        kind: other.kind,
        via: ''
      }]
    ELSE []
  END AS seeds,
  belongs AS communities,
  near,
  repeats,
  popular
