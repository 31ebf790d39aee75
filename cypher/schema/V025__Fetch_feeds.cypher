// Feeds that are fetched by their address, and when each is due.
CREATE CONSTRAINT feed_key IF NOT EXISTS FOR (n:Feed) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX feed_due IF NOT EXISTS FOR (n:Feed) ON (n.next_at);
