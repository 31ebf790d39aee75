// Make relationships as backup/read_relationships told of them; only ever into a store that is being restored.
// params:  rows LIST<MAP> (start STRING, type STRING, end STRING, plain MAP, timed LIST<LIST> (name, type, text or
//          texts)); ends by element id
// returns: made INTEGER; one row
// needs:   backup/create_nodes
UNWIND $rows AS row
MATCH (a)
WHERE elementId(a) = row.start
MATCH (b)
WHERE elementId(b) = row.end
CREATE (a)-[r:$(row.type)]->(b)
SET r = row.plain
FOREACH (timed IN row.timed |
  SET r[timed[0]] =
    CASE timed[1]
      WHEN 'ZONED DATETIME' THEN datetime(timed[2])
      WHEN 'LOCAL DATETIME' THEN localdatetime(timed[2])
      WHEN 'DATE' THEN date(timed[2])
      WHEN 'ZONED TIME' THEN time(timed[2])
      WHEN 'LOCAL TIME' THEN localtime(timed[2])
      WHEN 'DURATION' THEN duration(timed[2])
      WHEN 'LIST<ZONED DATETIME>' THEN [one IN timed[2] | datetime(one)]
      WHEN 'LIST<LOCAL DATETIME>' THEN [one IN timed[2] | localdatetime(one)]
      WHEN 'LIST<DATE>' THEN [one IN timed[2] | date(one)]
      WHEN 'LIST<ZONED TIME>' THEN [one IN timed[2] | time(one)]
      WHEN 'LIST<LOCAL TIME>' THEN [one IN timed[2] | localtime(one)]
      WHEN 'LIST<DURATION>' THEN [one IN timed[2] | duration(one)]
    END
)
RETURN count(r) AS made
