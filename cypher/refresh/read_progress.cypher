// How far a GDS job is.
// params:  job STRING, tenant STRING (whose job it is; jobs are named by run, so it only says who asks)
// returns: progress STRING like "45.3%"; no row when the job is over
// needs:   nothing
CALL gds.listProgress($job)
YIELD progress
WITH progress
WHERE $tenant IS NOT NULL
RETURN progress
LIMIT 1
