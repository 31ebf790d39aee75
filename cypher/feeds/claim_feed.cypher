// Take a feed that is due, or go on with it, so that one process of the service is at it.
// params:  tenant STRING, name STRING, claim STRING (of the taker), at ZONED DATETIME, until ZONED DATETIME
// returns: as feeds/read_feeds; one row, none where somebody else has it, it is not due, or it is gone
// needs:   nothing
MATCH (f:Feed {tenant: $tenant, id: $name})
// Its lock orders two that ask at once.
SET f.asked_at = $at
WITH f
WHERE f.claim = $claim OR f.next_at <= $at AND (f.claimed_until IS NULL OR f.claimed_until < $at)
SET
  f.claim = $claim,
  f.claimed_until = $until
RETURN
  f.id AS name,
  f.source AS source,
  f.next_at.epochMillis AS next_at_ms,
  f.changed_at.epochMillis AS changed_at_ms,
  f.changed_by AS changed_by,
  f.result AS result,
  coalesce(f.confirmed, false) AS confirmed
