SELECT COUNT(*) FROM label_spans WHERE ended_at IS NULL
