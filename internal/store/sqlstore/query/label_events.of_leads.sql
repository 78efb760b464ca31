SELECT event_id, chat_id, nomor_lead FROM label_events /*index label_events_lead*/ WHERE (/*keys nomor_lead*/) AND source <> 'label_deleted'
