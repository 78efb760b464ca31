package sqlstore

import (
	"context"
	"strconv"

	"tandai/internal/label"
)

// change makes a stored row what a replay says it is, and keeps the old values
// in label_event_changes. Rows that say the same are left alone. When it was
// received is never changed.
func (w *work) change(ctx context.Context, old, now label.Event) error {
	now.ReceivedAt = old.ReceivedAt
	if old.Source == label.FromLabelDeleted {
		return nil
	}
	type column struct{ name, old, now string }
	columns := []column{
		{"timestamp_unix", strconv.FormatInt(old.At, 10), strconv.FormatInt(now.At, 10)},
		{"klien", old.Client, now.Client},
		{"nomor_cs", old.CS, now.CS},
		{"nomor_lead", old.Lead, now.Lead},
		{"label_id", old.LabelID, now.LabelID},
		{"status", string(old.Status), string(now.Status)},
		{"session", old.Session, now.Session},
		{"chat_id", old.ChatID, now.ChatID},
		{"source", string(old.Source), string(now.Source)},
		{"not_before", strconv.FormatInt(old.NotBefore, 10), strconv.FormatInt(now.NotBefore, 10)},
		{"start_unknown", strconv.Itoa(bit(old.StartUnknown)), strconv.Itoa(bit(now.StartUnknown))},
		{"said_client", old.SaidClient, now.SaidClient},
		{"said_cs", old.SaidCS, now.SaidCS},
		{"label_name", old.LabelName, now.LabelName},
	}
	var kept [][]any
	at := w.db.now().UnixMilli()
	for _, c := range columns {
		if c.old != c.now {
			kept = append(kept, []any{old.ID, at, c.name, c.old, c.now, "replay"})
		}
	}
	if len(kept) == 0 {
		return nil
	}
	if err := w.lockAlso(ctx, old.Session); err != nil {
		return err
	}
	if err := w.db.insert(ctx, w.tx, "label_event_changes.insert", kept); err != nil {
		return err
	}
	args := append(eventRow(now)[1:], now.ID)
	if _, err := w.tx.ExecContext(ctx, w.db.q["label_events.change"], args...); err != nil {
		return err
	}
	w.touch(old.Session, old.Lead)
	w.touch(now.Session, now.Lead)
	w.done.Changed++
	return nil
}
