// How many nodes of each label a shop has, but for who holds its writes back.
// params:  tenant STRING
// returns: label STRING, count INTEGER; one row a label, by label
// needs:   nothing; reads every node
MATCH (n {tenant: $tenant})
WHERE NOT n:Hold
UNWIND labels(n) AS label
RETURN label, count(n) AS count
ORDER BY label
