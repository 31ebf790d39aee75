// Keep why a creative's picture could not be fetched, or that it could; nothing where it has another picture by now.
// params:  tenant STRING, id STRING, link STRING, dead STRING or NULL
// returns: nothing
// needs:   the constraint creative_key
MATCH (c:Creative {tenant: $tenant, id: $id})
WHERE coalesce(c.image_link, $link) = $link
SET c.dead_picture = $dead
