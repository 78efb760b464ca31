SELECT MIN(o.client), MIN(COALESCE(l.name, '')), COUNT(DISTINCT s.nomor_lead)
FROM label_spans s
JOIN sessions o ON o.session = s.session AND o.valid_to IS NULL
LEFT JOIN labels l ON l.session = s.session AND l.label_id = s.label_id AND l.valid_to IS NULL
WHERE s.ended_at IS NULL
GROUP BY HEX(o.client), HEX(COALESCE(l.name, ''))
