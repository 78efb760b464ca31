SELECT session, chat_id, first_in_at, last_in_at, first_out_at, last_out_at, referral_at,
  source_type, source_id, source_url, source_app, click_id, title, entry_point, entry_app, conversion_source, ref, utm, media_type, external_source, external_medium, utm_source, utm_campaign, campaign_id
FROM chats WHERE /*keys chat_id*/
