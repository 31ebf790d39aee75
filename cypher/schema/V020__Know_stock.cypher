// What a shop's own system calls its products, and what its locations have of them.
CREATE CONSTRAINT shop_product_key IF NOT EXISTS FOR (n:ShopProduct) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT shop_item_key IF NOT EXISTS FOR (n:ShopItem) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT stock_level_key IF NOT EXISTS FOR (n:StockLevel) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX shop_item_inventory IF NOT EXISTS FOR (n:ShopItem) ON (n.tenant, n.inventory_item);
CREATE INDEX stock_level_item IF NOT EXISTS FOR (n:StockLevel) ON (n.tenant, n.inventory_item);
