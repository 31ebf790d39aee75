// Begin a run, unless another one of this tenant shows signs of life.
// params:  tenant STRING, run STRING, silence_seconds FLOAT (a run silent for so long has died), model_version STRING
// returns: busy_run STRING or NULL; one row, NULL when this run has begun
// needs:   the constraint on Tenant, whose lock orders two that begin at once
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
// By the clock that all machines share: one that is behind or jumps takes no run for dead.
SET shop.refresh_asked_at = datetime.realtime()
WITH shop,
  COLLECT {
    MATCH (other:Run {tenant: $tenant})
    WHERE other.finished_at IS NULL AND other.alive_at >= datetime.realtime() - duration({seconds: $silence_seconds})
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
    started_at: datetime.realtime(),
    alive_at: datetime.realtime(),
    active: false,
    model_version: $model_version
  })
}
RETURN busy_run
