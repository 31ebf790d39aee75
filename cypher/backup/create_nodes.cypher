// Make nodes as backup/read_nodes told of them; only ever into a store that is being restored.
// params:  rows LIST<MAP> (labels LIST<STRING>, plain MAP, timed LIST<LIST> (name, type, text or texts))
// returns: elements LIST<STRING>; one row, in the order of the rows
// needs:   the constraints of the schema that the rows are of
UNWIND $rows AS row
CREATE (n:$(row.labels))
SET n = row.plain
FOREACH (timed IN row.timed |
  SET n[timed[0]] =
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
RETURN collect(elementId(n)) AS elements
