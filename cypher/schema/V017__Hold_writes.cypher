// Who has writing held back, for a backup: a record of the whole instance, or of one shop.
CREATE CONSTRAINT hold_key IF NOT EXISTS FOR (n:Hold) REQUIRE (n.tenant, n.id) IS UNIQUE;
