package report_test

import (
	"path/filepath"
	"testing"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/report"
	"tandai/internal/store"
	"tandai/internal/store/sqlite"
)

// The real store and the real inbox, through the states a first start has.
func TestNow_realParts(t *testing.T) {
	db, err := sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "tandai.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	box, err := inbox.Open(t.Context(), inbox.Config{Path: filepath.Join(t.TempDir(), "inbox.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	var _ store.Store = db
	fresh := func() report.Now { return report.New(report.Config{Store: db, Inbox: box}).Now(t.Context()) }

	if n := fresh(); n.Database.State != report.Migrating || n.Totals.Known() || !n.Queue.Known() || n.Accepting.Err != nil {
		t.Fatalf("before migration: %+v, queue %+v, accepting %+v", n.Database, n.Queue, n.Accepting)
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := fresh(); n.Database.State != report.Up || n.Database.Have != n.Database.Want || n.Database.Engine == "" || !n.Empty() {
		t.Fatalf("after migration: %+v, empty %v", n.Database, n.Empty())
	}

	for i, why := range []string{"", "", "payload.chatId is missing"} {
		it := inbox.Item{Key: [32]byte{byte(i)}, Session: "cs1", Event: "label.chat.added", Body: []byte("{}"), Quarantine: why}
		if _, err := box.Put(t.Context(), it); err != nil {
			t.Fatal(err)
		}
	}
	if err := box.Settle(t.Context(), []inbox.Outcome{{Seq: 1, State: inbox.Skipped, Reason: "group"}}); err != nil {
		t.Fatal(err)
	}
	in := store.Input{Session: "cs1", At: 1_700_000_000_000, Sighting: &store.LabelSighting{LabelID: "1", Name: "Grade A", Color: label.NoColor}}
	in.Event = &label.Event{
		ID: label.EventID("", "cs1", "label.chat.added", "evt_1"), Session: "cs1", ChatID: "6281234567890@c.us", LabelID: "1",
		Status: label.Added, At: in.At, Source: label.FromWebhook, ReceivedAt: in.At,
	}
	if _, err := db.Record(t.Context(), []store.Input{in}); err != nil {
		t.Fatal(err)
	}
	n := fresh()
	if n.Empty() || n.Totals.Value != (store.Totals{Events: 1, Spans: 1, Active: 1}) {
		t.Errorf("empty %v, totals %+v", n.Empty(), n.Totals)
	}
	if len(n.Active.Value) != 1 || n.Active.Value[0].Client != "cs1" || n.Active.Value[0].Labels[0].Mark.Letter != "A" {
		t.Errorf("active %+v", n.Active)
	}
	if len(n.Recent.Value) != 1 || n.Recent.Value[0].Lead != "6281234567890" || len(n.Sessions.Value) != 1 {
		t.Errorf("recent %+v, sessions %+v", n.Recent, n.Sessions)
	}
	if q := n.Queue.Value; q.Received != 3 || q.Waiting != 1 || q.Quarantined != 1 || len(q.Skipped) != 1 || q.LastHour() != 3 || q.OldestAt == 0 {
		t.Errorf("queue %+v", q)
	}
	if len(n.Quarantine.Value) != 1 || n.Quarantine.Value[0].Reason != "payload.chatId is missing" {
		t.Errorf("quarantine %+v", n.Quarantine)
	}
}
