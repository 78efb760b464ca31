SELECT COUNT(*) FROM label_spans
