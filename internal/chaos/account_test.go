package chaos

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/store"
	"tandai/internal/store/storetest"
)

// kept is a body of an inbox.
type kept struct {
	state      inbox.State
	reason     string
	receivedAt int64
}

// readInbox reads the bodies of an inbox file by event id.
func readInbox(t testing.TB, file string) map[string]kept {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT b.key, b.received_at, coalesce(s.state, 0), coalesce(s.reason, '') FROM bodies b LEFT JOIN settled s ON s.seq = b.seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]kept{}
	for rows.Next() {
		var key []byte
		var k kept
		if err := rows.Scan(&key, &k.receivedAt, &k.state, &k.reason); err != nil {
			t.Fatal(err)
		}
		id := label.Key(key).ID()
		if _, twice := all[id]; twice {
			t.Errorf("the inbox holds %s twice", id)
		}
		all[id] = k
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// peek reads an inbox as a dead process left it, from a copy: opening the file
// itself would do the recovery that is the next process's to do.
func peek(t testing.TB, file string) map[string]kept {
	t.Helper()
	into := filepath.Join(t.TempDir(), "inbox.db")
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(file + suffix)
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(into+suffix, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return readInbox(t, into)
}

// database opens a node's database beside it; "" is its SQLite file.
func database(t testing.TB, n *node, dsn string) storetest.Harness {
	t.Helper()
	db, err := open(n, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return storetest.OnDB(nil, db)
}

func open(n *node, dsn string) (*sql.DB, error) {
	if dsn == "" {
		return sql.Open("sqlite", "file:"+n.storeFile()+"?_pragma=busy_timeout(10000)")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	c := driver.NewConfig()
	c.Net, c.Addr, c.DBName, c.User = "tcp", u.Host, strings.TrimPrefix(u.Path, "/"), u.User.Username()
	c.Passwd, _ = u.User.Password()
	connector, err := driver.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// as is dsn with another user.
func as(t testing.TB, dsn, user, password string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return "mysql://" + user + ":" + password + "@" + u.Host + u.Path
}

// acknowledged fails the test for what was acknowledged at a door and is not in
// its inbox.
func acknowledged(t testing.TB, sent []*parcel, at *door, in map[string]kept) {
	t.Helper()
	var gone []string
	for _, p := range sent {
		if _, ok := in[p.id]; p.door == at && p.acked.Load() && !ok {
			gone = append(gone, p.String())
		}
	}
	report(t, "acknowledged, and not in the inbox", gone)
}

// report fails the test when there is anything in found.
func report(t testing.TB, what string, found []string) {
	t.Helper()
	if len(found) == 0 {
		return
	}
	slices.Sort(found)
	t.Errorf("%d %s, first of all:\n  %s", len(found), what, strings.Join(found[:min(5, len(found))], "\n  "))
}

// settle settles the accounts after everything has stopped: see the package
// comment. inboxes are what the doors' nodes hold.
func settle(t testing.TB, n *node, dsn string, s *story, sent []*parcel, inboxes map[*door]map[string]kept) {
	t.Helper()
	byID := map[string]said{}
	for _, p := range sent {
		byID[p.id] = p.said
	}
	var invented, waiting, wrong []string
	receipts := map[string][]int64{}
	for at, in := range inboxes {
		acknowledged(t, sent, at, in)
		for id, k := range in {
			d, ok := byID[id]
			switch {
			case !ok:
				invented = append(invented, id)
			case k.state == inbox.Waiting:
				waiting = append(waiting, d.String())
			case k.state != d.state || k.reason != d.reason:
				wrong = append(wrong, fmt.Sprintf("%v is %v %q, want %v %q", d, k.state, k.reason, d.state, d.reason))
			}
			receipts[id] = append(receipts[id], k.receivedAt)
		}
	}
	report(t, "in an inbox, and never sent", invented)
	report(t, "still waiting", waiting)
	report(t, "came out as something else", wrong)

	n.verify(t)
	h := database(t, n, dsn)
	var inputs []store.Input
	wanted := map[string]said{}
	for id := range receipts {
		d := byID[id]
		if d.in == nil {
			continue
		}
		if d.in.Event != nil {
			wanted[id] = d
		}
		inputs = append(inputs, *d.in)
	}
	logged(t, h, wanted)
	for _, d := range differences(t, h, s, inputs, receipts) {
		t.Error(d)
	}
	views(t, h)
	rows := func(table string) string { return h.Query(t, "SELECT count(*) FROM "+table)[0][0] }
	t.Logf("%d bodies in the inboxes, %s rows in the log, %s spans, %s of them active",
		len(receipts), rows("label_events"), rows("label_spans"), rows("active_labels"))
}

// logged compares the log with the events that must be in it, one row each.
func logged(t testing.TB, h storetest.Harness, wanted map[string]said) {
	t.Helper()
	rows := map[string]int{}
	for _, r := range h.Query(t, "SELECT event_id FROM label_events WHERE source = 'webhook'") {
		rows[r[0]]++
	}
	var missing, doubled, extra []string
	for id, d := range wanted {
		switch n := rows[id]; {
		case n == 0:
			missing = append(missing, d.String())
		case n > 1:
			doubled = append(doubled, d.String())
		}
	}
	for id := range rows {
		if _, ok := wanted[id]; !ok {
			extra = append(extra, id)
		}
	}
	report(t, "missing in the log", missing)
	report(t, "more than once in the log", doubled)
	report(t, "in the log, and not in an inbox", extra)
}

// differences compares every table that follows from the log with the model.
// receipts are when each body was received, by event id.
func differences(t testing.TB, h storetest.Harness, s *story, inputs []store.Input, receipts map[string][]int64) (found []string) {
	t.Helper()
	stored := map[string]int64{}
	for _, r := range h.Query(t, "SELECT event_id, received_at FROM label_events UNION ALL SELECT event_id, received_at FROM label_changes") {
		var at int64
		if _, err := fmt.Sscan(r[1], &at); err != nil {
			t.Fatal(err)
		}
		stored[r[0]] = at
	}
	// What two servers received is dated by the one that recorded it first.
	received := func(id string) int64 {
		if at := stored[id]; slices.Contains(receipts[id], at) {
			return at
		}
		return slices.Min(receipts[id])
	}
	inputs = slices.Clone(inputs)
	for i, in := range inputs {
		if in.Event != nil {
			e := *in.Event
			e.ReceivedAt = received(e.ID)
			inputs[i].Event = &e
		}
		if in.Change != nil {
			c := *in.Change
			c.ReceivedAt = received(c.ID)
			inputs[i].Change = &c
		}
	}
	want := storetest.Want(store.Settings{Zone: "Asia/Jakarta"}, inputs)
	got := storetest.Dump(t, h, s.sessions()...)
	for _, table := range storetest.Tables() {
		if diff := cmp.Diff(want[table], got[table]); diff != "" {
			found = append(found, fmt.Sprintf("%s has %d rows, want %d (-want +got):\n%s", table, len(got[table]), len(want[table]), short(diff, 4000)))
		}
	}
	return found
}

// views checks that each session has its view, with its rows.
func views(t testing.TB, h storetest.Harness) {
	t.Helper()
	for _, r := range h.Query(t, "SELECT session, view_name, view_note FROM session_registry") {
		if r[1] != "labeling_"+r[0] || r[2] != "" {
			t.Errorf("session %s has the view %q, note %q", r[0], r[1], r[2])
			continue
		}
		q := "SELECT count(*) FROM " + r[1] + " UNION ALL SELECT count(*) FROM label_events WHERE session = '" + r[0] + "'"
		if n := h.Query(t, q); n[0][0] != n[1][0] {
			t.Errorf("the view %s has %s rows, the log %s", r[1], n[0][0], n[1][0])
		}
	}
}

func short(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most] + "\n…"
}
