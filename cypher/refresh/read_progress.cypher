// How far a GDS job is.
// params:  job STRING (the id of the run; its jobs are named after it)
// returns: progress STRING like "45.3%" of the latest of its jobs; no row when there is none
// needs:   nothing
CALL gds.listProgress()
YIELD jobId, progress, timeStarted
WITH jobId, progress, timeStarted
WHERE jobId STARTS WITH $job + '/'
RETURN progress
ORDER BY timeStarted DESC, jobId
LIMIT 1
