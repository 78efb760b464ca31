package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

const twoServers = `
timezone: Asia/Makassar
waha: {hmac_key: a, servers: [{name: second, hmac_key: b}]}
clients:
  - name: hansarang
    timezone: Asia/Jakarta
    ignore: ["62811-0000-0111", "+62 811 0000 0222"]
    sessions:
      - {name: cs1, cs: CS 1, table: labeling_lama}
      - {name: second.cs1, cs: CS 2}
  - name: nalarkelas
    ignore: ["6281100000333"]
    sessions: [{name: cs2}]
  - name: toko
    sessions: [{name: second.cs2}]
`

func TestSettings(t *testing.T) {
	want := store.Settings{Zone: "Asia/Makassar", Sessions: []store.SessionConfig{
		{Session: "cs1", Client: "hansarang", CS: "CS 1", View: "labeling_lama", Zone: "Asia/Jakarta"},
		{Session: "second.cs1", Client: "hansarang", CS: "CS 2", Zone: "Asia/Jakarta"},
		{Session: "cs2", Client: "nalarkelas", Zone: "Asia/Makassar"},
		{Session: "second.cs2", Client: "toko", Zone: "Asia/Makassar"},
	}}
	if diff := cmp.Diff(want, Settings(configured(t, twoServers))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIgnoreList(t *testing.T) {
	l := newIgnoreList(configured(t, twoServers))
	for _, tt := range []struct {
		name, session, phone string
		has, ignored         bool
	}{
		{"staff", "cs1", "6281100000111", true, true},
		{"staff, as written with blanks", "cs1", "6281100000222", true, true},
		{"staff on the client's session at another server", "second.cs1", "6281100000111", true, true},
		{"a lead", "cs1", "6281299900011", true, false},
		{"another client's staff", "cs2", "6281100000111", true, false},
		{"its own staff", "cs2", "6281100000333", true, true},
		{"a client that ignores nobody", "second.cs2", "6281100000111", false, false},
		{"the same session's name at another server", "second.cs3", "6281100000333", false, false},
		{"a session nobody configured", "cs9", "6281100000111", false, false},
	} {
		if has, ignored := l.has(tt.session), l.ignored(tt.session, tt.phone); has != tt.has || ignored != tt.ignored {
			t.Errorf("%s: has a list %v, ignored %v; want %v, %v", tt.name, has, ignored, tt.has, tt.ignored)
		}
	}
}

func TestScales(t *testing.T) {
	scale := scales(configured(t, "clients: [{name: hansarang, grades: [Panas, Dingin], won: [Deal], lost: [Batal]}, {name: toko}]"))
	if got := scale("hansarang"); got.Grades[0] != "Panas" || got.Won[0] != "Deal" || got.Lost[0] != "Batal" {
		t.Errorf("configured: %+v", got)
	}
	for _, client := range []string{"toko", "nobody"} {
		if got := scale(client); len(got.Grades) == 0 || got.Grades[0] != "Grade A" {
			t.Errorf("%s: %+v, want the usual grades", client, got)
		}
	}
}

// Who only reads makes nothing: a database that is not there was looked for in
// the wrong place.
func TestOpenExisting(t *testing.T) {
	cfg := configured(t, "")
	_, err := OpenExisting(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "no database at "+cfg.Database.Path) {
		t.Errorf("not there: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(cfg.Database.Path)); !os.IsNotExist(err) {
		t.Errorf("its folder was made: %v", err)
	}
	db, err := OpenStore(cfg)
	must(t, err)
	defer db.Close()
	must(t, db.Ping(t.Context()))
	if _, err := OpenExisting(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "run `tandai migrate`") {
		t.Errorf("not migrated: %v", err)
	}
	_, err = Prepare(t.Context(), db, cfg)
	must(t, err)
	again, err := OpenExisting(t.Context(), cfg)
	must(t, err)
	must(t, again.Close())
}

func TestCheckSessions(t *testing.T) {
	cfg := configured(t, twoServers)
	db, err := OpenStore(cfg)
	must(t, err)
	defer db.Close()
	_, err = Prepare(t.Context(), db, cfg)
	must(t, err)
	for _, names := range [][]string{nil, {"cs1"}, {"second.cs2", "cs2"}} {
		if err := CheckSessions(t.Context(), db, names); err != nil {
			t.Errorf("%v: %v", names, err)
		}
	}
	const there = "in the database; there are cs1, cs2, second.cs1, second.cs2"
	for name, names := range map[string][]string{"cs9": {"cs1", "cs9"}, "CS1": {"CS1"}, "": {""}} {
		want := fmt.Sprintf("no session %q %s", name, there)
		if err := CheckSessions(t.Context(), db, names); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", names, err, want)
		}
	}

	var sessions []string
	for i := range 30 {
		sessions = append(sessions, fmt.Sprintf("{name: n%d}", 100+i))
	}
	many := configured(t, "clients: [{name: a, sessions: ["+strings.Join(sessions, ", ")+"]}]")
	other, err := OpenStore(many)
	must(t, err)
	defer other.Close()
	_, err = Prepare(t.Context(), other, many)
	must(t, err)
	if err := CheckSessions(t.Context(), other, []string{"x"}); err == nil || !strings.HasSuffix(err.Error(), "n119 and 10 more") {
		t.Errorf("of many: %v", err)
	}
}

func TestExplain(t *testing.T) {
	away := &store.Error{Class: store.ErrUnavailable, Code: "1045", Op: "ping", Err: errors.New("access denied")}
	newer := &store.Error{Class: store.ErrUnavailable, Op: "migrate", Err: sqlstore.ErrNewerSchema}
	damaged := &inbox.Error{Class: inbox.ErrCorrupt, Code: 11, Op: "open", Err: errors.New("malformed")}
	for _, tt := range []struct {
		name string
		err  error
		says string
		but  string
	}{
		{"anything", errors.New("lead 6281299900011 is odd"), "lead 6281•••11 is odd", "doctor"},
		{"the database is away", fmt.Errorf("rebuild: %w", away), "\nThe database cannot be used. `tandai doctor` looks at it step by step.", "aside"},
		{"a newer schema", newer, "newer", "doctor"},
		{"a damaged inbox", damaged, "\nMove the file aside (do not delete it", "doctor"},
	} {
		if got := Explain(tt.err); !strings.Contains(got, tt.says) || strings.Contains(got, tt.but) {
			t.Errorf("%s: %q, want %q in it and %q not", tt.name, got, tt.says, tt.but)
		}
	}
}
