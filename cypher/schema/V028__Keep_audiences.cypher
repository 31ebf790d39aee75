// Audiences by name, what was counted of them, and what receivers hold of them (docs/audiences.md).
CREATE CONSTRAINT audience_key IF NOT EXISTS FOR (n:Audience) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT audience_size_key IF NOT EXISTS FOR (n:AudienceSize) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT exported_list_key IF NOT EXISTS FOR (n:ExportedList) REQUIRE (n.tenant, n.id) IS UNIQUE;
