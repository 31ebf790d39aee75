// When the oldest of the active runs finished; the operator's view over all tenants, hence without $tenant: a time
// and nothing else.
// params:  none
// returns: finished_at_ms INTEGER; one row, none before the first run
// needs:   Run.active and Run.finished_at, written by app/jobs/refresh.py
MATCH (r:Run {active: true})
RETURN r.finished_at.epochMillis AS finished_at_ms
ORDER BY finished_at_ms
LIMIT 1
