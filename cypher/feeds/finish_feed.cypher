// Keep what came of a run, and when the next one is; nothing where the feed was changed or taken over meanwhile.
// params:  tenant STRING, name STRING, claim STRING, result STRING (JSON), next_at ZONED DATETIME
// returns: nothing
// needs:   feeds/claim_feed
MATCH (f:Feed {tenant: $tenant, id: $name, claim: $claim})
SET
  f.result = $result,
  f.next_at = $next_at,
  f.confirmed = false,
  f.claim = null,
  f.claimed_until = null
