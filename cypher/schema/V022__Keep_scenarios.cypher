// How a shelf is filled, by name (docs/api.md).
CREATE CONSTRAINT scenario_key IF NOT EXISTS FOR (n:Scenario) REQUIRE (n.tenant, n.id) IS UNIQUE;
