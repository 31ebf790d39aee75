// Pictures and words for channels, by id. The purposes are called as the channels that need them: sms_marketing is sms.
CREATE CONSTRAINT creative_key IF NOT EXISTS FOR (n:Creative) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX interaction_decision IF NOT EXISTS FOR (n:Interaction) ON (n.tenant, n.decision_id);
MATCH (c:Consent {purpose: 'sms_marketing'})
CALL (c) {
  SET c.purpose = 'sms'
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (:Identity)-[g:GRANTED]->(:Identity)
WHERE 'sms_marketing' IN g.purposes
SET g.purposes = [purpose IN g.purposes | CASE purpose WHEN 'sms_marketing' THEN 'sms' ELSE purpose END];
MATCH (shop:Tenant)
WHERE shop.identity_rules CONTAINS '"sms_marketing"'
SET shop.identity_rules = replace(shop.identity_rules, '"sms_marketing"', '"sms"');
