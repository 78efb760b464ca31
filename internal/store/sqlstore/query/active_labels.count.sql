SELECT o.client, COALESCE(l.name, ''), n.leads
FROM (SELECT session, label_id, COUNT(*) AS leads FROM label_spans WHERE ended_at IS NULL GROUP BY session, label_id) n
JOIN sessions o ON o.session = n.session AND o.valid_to IS NULL
LEFT JOIN labels l ON l.session = n.session AND l.label_id = n.label_id AND l.valid_to IS NULL
