// The run whose figures stand.
// params:  tenant STRING
// returns: run STRING, published_ms INTEGER, k INTEGER (identities that its figures stand for at least); one row at most
// needs:   refresh/activate_run
MATCH (run:Run {tenant: $tenant, published: true})
RETURN run.id AS run, run.published_at.epochMillis AS published_ms, run.k AS k
LIMIT 1
