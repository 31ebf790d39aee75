// Relationships with all that they say, of the whole store or of one shop, as backup/read_nodes has it.
// params:  tenant STRING or NULL (of all)
// returns: start STRING, type STRING, end STRING, plain LIST<LIST> (name, value), timed LIST<LIST> (name, type, text or
//          texts); one row each, in the order of the store
// needs:   nothing; reads every relationship
MATCH (a)-[r]->(b)
WHERE $tenant IS NULL OR a.tenant = $tenant
RETURN
  elementId(a) AS start,
  type(r) AS type,
  elementId(b) AS end,
  [key IN keys(r) WHERE NOT (valueType(r[key]) CONTAINS 'DATE' OR valueType(r[key]) CONTAINS 'TIME'
    OR valueType(r[key]) CONTAINS 'DURATION') | [key, r[key]]] AS plain,
  [key IN keys(r) WHERE valueType(r[key]) CONTAINS 'DATE' OR valueType(r[key]) CONTAINS 'TIME'
    OR valueType(r[key]) CONTAINS 'DURATION' |
    [
      key,
      replace(valueType(r[key]), ' NOT NULL', ''),
      CASE
        WHEN valueType(r[key]) STARTS WITH 'LIST' THEN [one IN r[key] | toString(one)]
        ELSE toString(r[key])
      END
    ]
  ] AS timed
