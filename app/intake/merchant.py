"""What a Google Merchant feed may hold beyond what Plural uses."""

# Written as one text since it is read as one: the attributes of the specification, in its order of letters.
MERCHANT_ONLY = frozenset(
    """
    additional_image_link additional_size_type ads_grouping ads_labels ads_redirect adult age_group
    auto_pricing_min_price canonical_link carrier_shipping certification color condition
    content_language cost_of_goods_sold disclosure_date display_ads_id display_ads_link display_ads_similar_ids
    display_ads_title display_ads_value energy_efficiency_class excluded_destination
    external_seller_id feed_label free_shipping_threshold gender handling_cutoff_time identifier_exists
    included_destination installment is_bundle lifestyle_image_link link_template loyalty_points loyalty_program
    material max_energy_efficiency_class max_handling_time maximum_retail_price min_energy_efficiency_class
    min_handling_time minimum_order_value mobile_link mobile_link_template multipack pattern pause
    pickup_method pickup_sla product_detail product_height product_highlight product_length product_weight
    product_width promotion_id return_policy_label sell_on_google_quantity shipping
    shipping_handling_business_days shipping_height shipping_label shipping_length
    shipping_transit_business_days shipping_weight shipping_width ships_from_country
    shopping_ads_excluded_country short_title size size_system size_type structured_description structured_title
    subscription_cost sustainability_incentive target_country tax tax_category transit_time_label
    unit_pricing_base_measure unit_pricing_measure video_link virtual_model_link
    """.split()  # noqa: SIM905 (a list of eighty literals would be eighty lines)
)
"""Attributes of the "Product data specification" that are ignored (support.google.com/merchants/answer/7052112)."""
