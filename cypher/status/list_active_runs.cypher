// The active run of each tenant, for the service that warms itself up; the operator's view over all tenants, hence
// without $tenant: ids of runs, nothing of a shop's data.
// params:  none
// returns: tenant STRING, run STRING; one row a tenant that has a run, by tenant, at most 1,000
// needs:   Run.active, written by app/jobs/refresh.py
MATCH (r:Run {active: true})
RETURN r.tenant AS tenant, r.id AS run
ORDER BY tenant
LIMIT 1000
