SELECT session, COUNT(*) FROM (
  SELECT i.session, i.phone FROM identities i
  WHERE NOT EXISTS (SELECT 1 FROM identities o WHERE o.session = i.session AND o.hidden = i.hidden
    AND (o.last_at > i.last_at OR (o.last_at = i.last_at AND o.phone > i.phone)))
  GROUP BY i.session, i.phone HAVING COUNT(*) > 1
) several GROUP BY session
