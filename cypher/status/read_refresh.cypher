// What is known of a shop's refreshes: the run that readers see, and the one that is being derived.
// params:  tenant STRING, silence_seconds FLOAT (a run silent for so long has died)
// returns: active LIST of [id, started_at_ms, finished_at_ms, metrics STRING (JSON)] or NULL, underway LIST of [id,
//          started_at_ms, step STRING or NULL, share FLOAT or NULL] or NULL; one row
// needs:   Run, written by app/jobs/refresh.py
RETURN
  COLLECT {
    MATCH (run:Run {tenant: $tenant, active: true})
    RETURN [run.id, run.started_at.epochMillis, run.finished_at.epochMillis, run.metrics]
    ORDER BY run.id DESC
    LIMIT 1
  }[0] AS active,
  COLLECT {
    MATCH (run:Run {tenant: $tenant})
    WHERE run.finished_at IS NULL AND run.alive_at >= datetime.realtime() - duration({seconds: $silence_seconds})
    RETURN [run.id, run.started_at.epochMillis, run.step, run.share]
    ORDER BY run.id DESC
    LIMIT 1
  }[0] AS underway
