// Remove everything of a throw-away tenant; a real shop is never removed so.
// params:  tenant STRING
// returns: removed INTEGER (nodes); one row
// needs:   nothing
MATCH
  (n:
    Person|
    Identity|
    Account|
    Household|
    Identifier|
    Consent|
    Interaction|
    Product|
    Brand|
    Tag|
    Run|
    Decision|
    ApiKey|
    Tenant)
WHERE n.tenant = $tenant
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS removed
