// Nodes with all that they say, of the whole store or of one shop. The server says what is a time and writes it as text:
// the driver makes one of `Z` and `[UTC]`.
// params:  tenant STRING or NULL (of all)
// returns: element STRING, labels LIST<STRING>, plain LIST<LIST> (name, value), timed LIST<LIST> (name, type, text or
//          texts); one row a node, in the order of the store
// needs:   nothing; reads every node
MATCH (n)
WHERE NOT n:Migration AND NOT n:Hold AND ($tenant IS NULL OR n.tenant = $tenant)
RETURN
  elementId(n) AS element,
  labels(n) AS labels,
  [key IN keys(n) WHERE NOT (valueType(n[key]) CONTAINS 'DATE' OR valueType(n[key]) CONTAINS 'TIME'
    OR valueType(n[key]) CONTAINS 'DURATION') | [key, n[key]]] AS plain,
  [key IN keys(n) WHERE valueType(n[key]) CONTAINS 'DATE' OR valueType(n[key]) CONTAINS 'TIME'
    OR valueType(n[key]) CONTAINS 'DURATION' |
    [
      key,
      replace(valueType(n[key]), ' NOT NULL', ''),
      CASE
        WHEN valueType(n[key]) STARTS WITH 'LIST' THEN [one IN n[key] | toString(one)]
        ELSE toString(n[key])
      END
    ]
  ] AS timed
