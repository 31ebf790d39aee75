// How far a GDS job is.
// params:  job STRING (the id of the run)
// returns: progress STRING like "45.3%"; no row when the job is over
// needs:   nothing
CALL gds.listProgress($job)
YIELD progress
RETURN progress
LIMIT 1
