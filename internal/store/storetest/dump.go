package storetest

import (
	"slices"
	"strings"
	"testing"
)

// columns are the tables that follow from what was recorded, and the columns
// that must be equal however it was recorded.
var columns = map[string]string{
	"label_events": "session, timestamp_unix, event_id, klien, nomor_cs, nomor_lead, label_id, label_name, status, chat_id, source, not_before, start_unknown, received_at",
	"label_spans":  "session, nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous, chat_id, klien, nomor_cs",
	"labels":       "session, label_id, valid_from, valid_to, name, color",
	"label_daily":  "session, label_id, day, added, found, removed, active",
	"identities":   "session, hidden, phone, first_at, last_at",
	"sessions":     "session, valid_from, valid_to, client, nomor_cs",
	"chats": "session, chat_id, nomor_lead, first_in_at, last_in_at, first_out_at, last_out_at, referral_at, source_type, source_id, source_url, " +
		"source_app, click_id, title, entry_point, entry_app, conversion_source, ref, utm, media_type, external_source, external_medium, utm_source, utm_campaign, campaign_id",
	"active_labels": "session, klien, nomor_cs, nomor_lead, label_id, label_name, since",
}

// Tables names what Dump and Want hold.
func Tables() []string {
	var all []string
	for t := range columns {
		all = append(all, t)
	}
	slices.Sort(all)
	return all
}

// Tables' rows as text, by table, sorted; cells are joined by " | ".
type Rows map[string][]string

// Dump reads every table that follows from what was recorded, of some sessions.
func Dump(t testing.TB, h Harness, sessions ...string) Rows {
	t.Helper()
	args := make([]any, len(sessions))
	for i, s := range sessions {
		args[i] = s
	}
	in := "?" + strings.Repeat(", ?", len(sessions)-1)
	all := Rows{}
	for table, names := range columns {
		for _, r := range h.Query(t, "SELECT "+names+" FROM "+table+" WHERE session IN ("+in+")", args...) {
			all[table] = append(all[table], strings.Join(r, " | "))
		}
		slices.Sort(all[table])
	}
	return all
}
