// Transactions that are open on the server now, this one among them.
// params:  name STRING (of the database)
// returns: id STRING; one row each, in no order
// needs:   nothing
SHOW TRANSACTIONS YIELD database, transactionId
WHERE database = toLower($name)
RETURN transactionId AS id
