package sqlstore

import (
	"fmt"
	"strconv"

	"tandai/internal/label"
)

// Differences are told by column, as a query would show them; "" = no such row.

func spanText(s *label.Span) string {
	if s == nil {
		return ""
	}
	ended := "NULL"
	if !s.Active() {
		ended = strconv.FormatInt(s.EndedAt, 10)
	}
	return fmt.Sprintf("nomor_lead=%s started_at=%d ended_at=%s start_unknown=%d ambiguous=%d chat_id=%s klien=%s nomor_cs=%s",
		s.Lead, s.StartedAt, ended, bit(s.StartUnknown), bit(s.Ambiguous), s.ChatID, s.Client, s.CS)
}

func derivedText(e *label.Event) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("timestamp_unix=%d %s label_id=%s status=%s source=%s chat_id=%s received_at=%d",
		e.At, derivedColumns(*e), e.LabelID, e.Status, e.Source, e.ChatID, e.ReceivedAt)
}

func derivedColumns(e label.Event) string {
	return fmt.Sprintf("klien=%s nomor_cs=%s nomor_lead=%s label_name=%s start_unknown=%d", e.Client, e.CS, e.Lead, e.LabelName, bit(e.StartUnknown))
}

func dayText(d *dayRow) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("added=%d found=%d removed=%d active=%d", d.Added, d.Found, d.Removed, d.active)
}
