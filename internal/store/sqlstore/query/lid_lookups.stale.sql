SELECT l.session, l.hidden FROM lid_lookups l
WHERE EXISTS (SELECT 1 FROM identities i WHERE i.session = l.session AND i.hidden = l.hidden)
  OR (NOT EXISTS (SELECT 1 FROM label_events e WHERE e.session = l.session AND e.nomor_lead = l.hidden)
    AND NOT EXISTS (SELECT 1 FROM chats c WHERE c.session = l.session AND c.nomor_lead = l.hidden))
