// How the server says that one of its databases is; asked of the server's own database `system`, which tells of no
// shop, when that one does not do its work.
// params:  name STRING
// returns: status STRING (`online`, `offline` …), message STRING (what went wrong, empty when nothing did); one row,
//          none when there is no such database
// needs:   nothing
SHOW DATABASES YIELD name, currentStatus, statusMessage, default
WHERE name = $name
RETURN currentStatus AS status, statusMessage AS message
