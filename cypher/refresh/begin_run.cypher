// Begin a run, unless another one of this tenant shows signs of life.
// params:  tenant STRING, run STRING, now ZONED DATETIME, dead_before ZONED DATETIME (a run silent since then has died),
//          model_version STRING
// returns: busy_run STRING or NULL; one row, NULL when this run has begun
// needs:   the constraint on Tenant, whose lock orders two that begin at once
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.refresh_asked_at = $now
WITH shop,
  COLLECT {
    MATCH (other:Run {tenant: $tenant})
    WHERE other.finished_at IS NULL AND other.alive_at >= $dead_before
    RETURN other.id
    ORDER BY other.id
    LIMIT 1
  }[0] AS busy_run
CALL (busy_run) {
  WITH busy_run
  WHERE busy_run IS NULL
  CREATE (:Run {
    tenant: $tenant,
    id: $run,
    started_at: $now,
    alive_at: $now,
    active: false,
    model_version: $model_version
  })
}
RETURN busy_run
