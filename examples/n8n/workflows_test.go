//go:build unix

package n8n

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"tandai/internal/mariadbtest"
)

const samples = "../../internal/waha/testdata/samples"

// sample is one request of WAHA's.
type sample struct {
	File, Event string
	Headers     map[string]string
	body        []byte
}

func loadSamples(t *testing.T) []sample {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(samples, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct{ Samples []sample }
	if err := json.Unmarshal(text, &index); err != nil || len(index.Samples) < 30 {
		t.Fatalf("%d samples, %v", len(index.Samples), err)
	}
	for i, s := range index.Samples {
		if index.Samples[i].body, err = os.ReadFile(filepath.Join(samples, s.File)); err != nil {
			t.Fatal(err)
		}
	}
	return index.Samples
}

// burst is what a CS does who moves a chat on: two changes that WAHA stamps
// with one millisecond. They are a sample, changed as little as it takes.
func burst(t *testing.T, all []sample) [][]byte {
	t.Helper()
	var first []byte
	for _, s := range all {
		if strings.HasPrefix(s.File, "10-") {
			first = s.body
		}
	}
	change := func(body []byte, pairs ...string) []byte {
		for i := 0; i < len(pairs); i += 2 {
			if !bytes.Contains(body, []byte(pairs[i])) {
				t.Fatalf("the sample does not hold %s", pairs[i])
			}
			body = bytes.ReplaceAll(body, []byte(pairs[i]), []byte(pairs[i+1]))
		}
		return body
	}
	first = change(first, "evt_01m832p27t3jvh1vzgvdnkg7ch", "evt_01m832p27t3jvh1vzgvdnkb001", "1795399813370", "1795400000000")
	second := change(first, "evt_01m832p27t3jvh1vzgvdnkb001", "evt_01m832p27t3jvh1vzgvdnkb002", "label.chat.deleted", "label.chat.added",
		`"labelId":"6"`, `"labelId":"8"`, `{"id":"6","name":"Follow up"`, `{"id":"8","name":"Grade A"`)
	return [][]byte{first, second}
}

type database struct {
	*sql.DB
	t *testing.T
}

// open connects to mysql://user[:pass]@host:port/database.
func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	cfg := mysql.NewConfig()
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Net, cfg.Addr, cfg.DBName, cfg.MultiStatements = "tcp", u.Host, strings.TrimPrefix(u.Path, "/"), true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// openTables makes the tables that the workflows write to.
func openTables(t *testing.T, dsn string) database {
	t.Helper()
	script, err := os.ReadFile("tables.sql")
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, dsn)
	if _, err := db.Exec(string(script)); err != nil {
		t.Fatal(err)
	}
	return database{db, t}
}

// rows are the rows of a query, their columns joined by " · ", NULL as ∅.
func (db database) rows(query string) []string {
	db.t.Helper()
	found, err := db.Query(query)
	if err != nil {
		db.t.Fatal(err)
	}
	defer found.Close()
	names, _ := found.Columns()
	var all []string
	for found.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			db.t.Fatal(err)
		}
		var row []string
		for _, v := range values {
			if !v.Valid {
				v.String = "∅"
			}
			row = append(row, v.String)
		}
		all = append(all, strings.Join(row, " · "))
	}
	if err := found.Err(); err != nil {
		db.t.Fatal(err)
	}
	return all
}

// settles waits until a query gives the rows wanted, and goes on doing so.
func (db database) settles(query string, want []string) {
	db.t.Helper()
	var got []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if got = db.rows(query); cmp.Equal(want, got) {
			time.Sleep(2 * time.Second)
			if got = db.rows(query); cmp.Equal(want, got) {
				return
			}
		}
		if len(got) > len(want) {
			break
		}
	}
	db.t.Errorf("%s (-want +got):\n%s", query, cmp.Diff(want, got))
}

const (
	theTable = "SELECT * FROM labeling_hansarang_cs1 ORDER BY timestamp_unix"
	ourTable = "SELECT * FROM tandai_labels ORDER BY timestamp_unix, label_id"
	theLog   = "SELECT event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status FROM label_events" +
		" WHERE source = 'webhook' ORDER BY timestamp_unix, label_id"
)

// fromSamples are the rows that the original makes of the samples. Of
// eight label changes on personal chats it has four, and two of them named:
//   - those of hidden chats (@lid) are not there, as if nothing had happened;
//   - of those whose label WAHA did not describe (GOWS never does), nobody knows
//     which label it was.
var fromSamples = []string{
	"1795399261337 · toko-aisyah · 6281234500001 · 6281299900011 · ∅ · ∅ · add_label",
	"1795399690696 · toko-aisyah · ∅ · 6281299900021 · ∅ · ∅ · add_label",
	"1795399813370 · toko-aisyah · 6281234500001 · 6281299900021 · 6 · Follow up · delete_label",
	"1795399874707 · toko-aisyah · 6281234500001 · 6281299900031 · 7 · Lunas · add_label",
}

// fromBurst are the two changes of one millisecond.
var fromBurst = []string{
	"1795400000000 · toko-aisyah · 6281234500001 · 6281299900021 · 6 · Follow up · delete_label",
	"1795400000000 · toko-aisyah · 6281234500001 · 6281299900021 · 8 · Grade A · add_label",
}

func TestRun(t *testing.T) {
	if os.Getenv(envN8N) == "" {
		t.Skipf("%s is not set: make test-n8n runs this", envN8N)
	}
	dsn := mariadbtest.DSN(t)
	db := openTables(t, dsn)
	n := startN8N(t, dsn)
	all := loadSamples(t)

	t.Run("the original", func(t *testing.T) {
		db := database{db.DB, t}
		hook := n.hook(t, "original.json")
		for _, s := range all {
			headers := http.Header{}
			for name, value := range s.Headers {
				headers.Set(name, value)
			}
			send(t, hook, s.body, headers, http.StatusOK)
		}
		db.settles(theTable, fromSamples)
		for _, body := range burst(t, all) {
			send(t, hook, body, signed("my-secret-key", body), http.StatusOK)
		}
		db.keepsOneOf(fromBurst)
	})

	t.Run("the original, while MySQL cannot be written", func(t *testing.T) {
		db := database{db.DB, t}
		hook, before := n.hook(t, "original.json"), db.rows(theTable)
		body := bytes.ReplaceAll(burst(t, all)[0], []byte("1795400000000"), []byte("1795400000009"))
		db.without("labeling_hansarang_cs1", func() {
			send(t, hook, body, signed("my-secret-key", body), http.StatusOK) // WAHA believes it is written
			time.Sleep(5 * time.Second)
		})
		db.settles(theTable, before)
	})

	if _, err := db.Exec("TRUNCATE TABLE labeling_hansarang_cs1"); err != nil {
		t.Fatal(err)
	}
	ours := mariadbtest.DSN(t)
	tandai := startTandai(t, ours, n)
	log := database{open(t, ours), t}
	// What names labels and people comes first, so that what is sent of the rest
	// does not depend on which of two batches it is in.
	for _, chats := range []bool{false, true} {
		for _, s := range all {
			if strings.HasPrefix(s.Event, "label.chat.") != chats {
				continue
			}
			headers := http.Header{}
			for name, value := range s.Headers {
				headers.Set(name, value)
			}
			send(t, tandai, s.body, headers, http.StatusOK)
		}
		if !chats {
			log.settles("SELECT COUNT(*) > 0 FROM labels", []string{"1"})
		}
	}
	t.Run("behind Tandai", func(t *testing.T) { database{db.DB, t}.settles(theTable, fromSamples) })
	for _, body := range burst(t, all) {
		send(t, tandai, body, signed("my-secret-key", body), http.StatusOK)
	}
	t.Run("behind Tandai, a burst", func(t *testing.T) { database{db.DB, t}.keepsOneOf(fromBurst) })

	t.Run("triggered by Tandai", func(t *testing.T) {
		db, log := database{db.DB, t}, database{log.DB, t}
		want := log.rows(theLog)
		db.settles(ourTable, want)
		for _, row := range want {
			t.Log(row)
		}
		if len(want) != len(personal) {
			t.Errorf("%d rows, want the %d of personal chats, named and hidden ones", len(want), len(personal))
		}
		for i := range min(len(want), len(personal)) {
			if !strings.Contains(want[i], personal[i]) {
				t.Errorf("row %d is %s, want %s", i, want[i], personal[i])
			}
		}
	})
	t.Run("signature", func(t *testing.T) {
		hook, body := n.hook(t, "triggered-by-tandai.json"), []byte(`{"event":"label.chat.added","tandai":{"event_id":"x","lead":"1"},"timestamp":1,"payload":{"labelId":"1"}}`)
		send(t, hook, body, nil, http.StatusInternalServerError)
		send(t, hook, body, signed("another key", body), http.StatusInternalServerError)
	})
	t.Run("nothing written, nothing acknowledged", func(t *testing.T) {
		db := database{db.DB, t}
		hook := n.hook(t, "triggered-by-tandai.json")
		id := strings.Repeat("ab", 32)
		body := []byte(`{"event":"label.chat.deleted","timestamp":1795400000001,"payload":{"labelId":"1"},"tandai":{"event_id":"` + id +
			`","client":"hansarang","cs_number":"62811","lead":"62812","label_name":"Grade A"}}`)
		before := db.rows(ourTable)
		db.without("tandai_labels", func() { send(t, hook, body, signed(relayKey, body), http.StatusInternalServerError) })
		for range 2 { // at least once: the second changes nothing
			send(t, hook, body, signed(relayKey, body), http.StatusOK)
			db.settles(ourTable, append(before[:len(before):len(before)], id+" · 1795400000001 · hansarang · 62811 · 62812 · 1 · Grade A · delete_label"))
		}
	})
}

// personal is what the rows of personal chats hold, by time. Beside what the
// original has there are those of hidden chats, whose phones a message told,
// labels by their ids, and both changes of the burst.
var personal = []string{
	"1795399261337 · toko-aisyah · 6281234500001 · 6281299900011 · 1 · ",
	"1795399322674 · toko-aisyah · 6281234500001 · 6281299900011 · 3 · ",
	"1795399384011 · toko-aisyah · 6281234500001 · 6281299900011 · 3 · ",
	"1795399629359 · toko-aisyah · 6281234500001 · 201000000000012@lid · 4 · ",
	"1795399690696 · toko-aisyah · 6281234500001 · 6281299900021 · 6 · Follow up · add_label",
	"1795399752033 · toko-aisyah · 6281234500001 · 6281299900021 · 6 · Follow up · add_label",
	"1795399813370 · toko-aisyah · 6281234500001 · 6281299900021 · 6 · Follow up · delete_label",
	"1795399874707 · toko-aisyah · 6281234500001 · 6281299900031 · 7 · Lunas · add_label",
	fromBurst[0], fromBurst[1],
}

func send(t *testing.T, hook string, body []byte, headers http.Header, want int) {
	t.Helper()
	if code, err := post(hook, body, headers); err != nil || code != want {
		t.Fatalf("%.120s: answered %d, %v; want %d", body, code, err, want)
	}
}

// without does something while a table is not there.
func (db database) without(table string, do func()) {
	db.t.Helper()
	if _, err := db.Exec("RENAME TABLE " + table + " TO gone"); err != nil {
		db.t.Fatal(err)
	}
	do()
	if _, err := db.Exec("RENAME TABLE gone TO " + table); err != nil {
		db.t.Fatal(err)
	}
}

// keepsOneOf waits until the table has exactly one of the two rows of a burst
// behind those of the samples: which one depends on which execution of n8n was
// the last.
func (db database) keepsOneOf(two []string) {
	db.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if len(db.rows(theTable)) > len(fromSamples) {
			break
		}
	}
	time.Sleep(3 * time.Second) // for the other one
	got := db.rows(theTable)
	if len(got) != len(fromSamples)+1 || !slices.Contains(two, got[len(got)-1]) {
		db.t.Errorf("of two changes in one millisecond the table has\n%s\nwant one of\n%s",
			strings.Join(got[min(len(got), len(fromSamples)):], "\n"), strings.Join(two, "\n"))
	}
}
