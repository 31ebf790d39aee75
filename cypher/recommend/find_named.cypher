// What is on offer of some brands or with some tags, a category being a tag that holds those below it; the newest first.
// params:  tenant STRING, offered LIST<STRING> (availabilities), brand_ids LIST<STRING>, tag_ids LIST<STRING>,
//          tag_names LIST<STRING> (of any facet); all in lower case
// returns: ids LIST<STRING>; one row
// needs:   Product.added_at, set by ingest/upsert_products
CALL () {
  UNWIND $brand_ids AS id
  MATCH (:Brand {tenant: $tenant, id: id})<-[:MADE_BY]-(p:Product)
  RETURN p
  UNION
  UNWIND $tag_ids AS id
  MATCH (t:Tag {tenant: $tenant})<-[:TAGGED]-(p:Product)
  WHERE t.id = id OR t.id STARTS WITH id + ' > '
  RETURN p
  UNION
  MATCH (t:Tag {tenant: $tenant})
  WHERE size($tag_names) > 0 AND t.id = toLower(t.facet) + ':' + toLower(t.name) AND toLower(t.name) IN $tag_names
  MATCH (t)<-[:TAGGED]-(p:Product)
  RETURN p
}
WITH p
WHERE p.availability IN $offered AND coalesce(p.expiration_date > datetime(), true)
ORDER BY p.added_at DESC, p.id
RETURN collect(p.id) AS ids
