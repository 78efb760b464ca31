package app

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // the driver

	"tandai/internal/config"
	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/waha"
)

// november is a time at which nothing special is the matter.
var november = time.Date(2026, 11, 23, 2, 42, 18, 0, time.UTC)

// examine is about, at a given time.
func examine(t *testing.T, cfg *config.Config, check string) []string {
	t.Helper()
	return about(Examine(t.Context(), cfg, DoctorOptions{Now: func() time.Time { return november }}), check)
}

func TestDoctor_configuration(t *testing.T) {
	cfg := configured(t, "timezone: Asia/Makassar\nclients: [{name: hansarang, sessions: [{name: cs1}, {name: cs2}]}, {name: toko}]")
	findings := Examine(t.Context(), cfg, DoctorOptions{Now: func() time.Time { return november }, Environ: []string{"TANDAI_TIMEZON=UTC", "HOME=/root"}})
	want := []string{
		"ok: FILE; clients: 2, sessions: 2; data in DATA; database sqlite:DATA/tandai.db; days of Asia/Makassar →",
		"warning: environment variable TANDAI_TIMEZON is not known and has no effect; the nearest is TANDAI_TIMEZONE → Correct or unset it.",
	}
	got := about(findings, "configuration")
	for i := range got {
		got[i] = strings.NewReplacer(cfg.File(), "FILE", cfg.DataDir, "DATA").Replace(got[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ok: 2026-11-23T02:42:18Z; 10:42 in Asia/Makassar →"}, about(findings, "clock")); diff != "" {
		t.Errorf("clock (-want +got):\n%s", diff)
	}
}

func TestDoctor_clock(t *testing.T) {
	for _, year := range []int{1970, 2000, 2106} {
		now := func() time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
		got := about(Examine(t.Context(), configured(t, ""), DoctorOptions{Now: now}), "clock")
		want := []string{fmt.Sprintf("failed: this machine's clock says %d-01-01T00:00:00Z → Set this machine's clock; events from the future are quarantined.", year)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d (-want +got):\n%s", year, diff)
		}
	}
}

func TestDoctor_keys(t *testing.T) {
	const do = " → Set waha.hmac_key (TANDAI_WAHA_HMAC_KEY) and the same key in WAHA's webhook."
	for _, tt := range []struct {
		name, yaml, addr string
		want             []string
	}{
		{"none, for this machine", "", "127.0.0.1:8080", []string{"warning: no key for WAHA: whoever reaches 127.0.0.1:8080 can write" + do}},
		{"none, for everybody", "", ":8080", []string{"failed: no key for WAHA, and :8080 can be reached from elsewhere: serve refuses to start" + do}},
		{"one", "waha: {hmac_key: a}", ":8080", []string{"ok: WAHA signs with a key →"}},
		{"two", "waha: {hmac_key: [a, b]}", ":8080", []string{"ok: WAHA may sign with 2 keys; remove the old one when all hooks use the new →"}},
		{"of two servers, one without", "waha: {hmac_key: a, servers: [{name: second}, {name: third, hmac_key: c}]}", "192.0.2.1:8080", []string{
			"ok: WAHA signs with a key →",
			"failed: no key for WAHA server second, and 192.0.2.1:8080 can be reached from elsewhere: serve refuses to start" + do,
			"ok: WAHA server third signs with a key →",
		}},
	} {
		cfg := configured(t, tt.yaml)
		cfg.Addr = tt.addr
		d := &doctor{cfg: cfg}
		d.keys()
		if diff := cmp.Diff(tt.want, about(d.findings, "signature")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestDoctor_folder(t *testing.T) {
	const do = " → Give the folder to the user that runs Tandai, or name another with --data-dir."
	for _, tt := range []struct {
		name string
		make func(dir string) string // makes what is there and gives the folder to look at
		want string
	}{
		{"not there yet", func(dir string) string { return dir + "/data" }, "skipped: DIR is not there yet: `tandai serve` makes it →"},
		{"all is well", func(dir string) string { must(t, os.Chmod(dir, 0o700)); return dir }, "ok: DIR can be written →"},
		{"read by everybody", func(dir string) string { must(t, os.Chmod(dir, 0o755)); return dir },
			"warning: DIR can be read by every user of this machine (-rwxr-xr-x) → chmod 700 DIR"},
		{"a file", func(dir string) string { must(t, os.WriteFile(dir+"/data", nil, 0o600)); return dir + "/data" }, "failed: DIR is not a folder" + do},
		{"below a file", func(dir string) string { must(t, os.WriteFile(dir+"/data", nil, 0o600)); return dir + "/data/x" },
			"failed: stat DIR: not a directory" + do},
		{"nobody may write", func(string) string { return "/proc/self" }, // not even root
			"failed: DIR cannot be written: no such file or directory" + do},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := configured(t, "")
			cfg.DataDir = tt.make(t.TempDir())
			d := &doctor{cfg: cfg}
			d.folder()
			got := about(d.findings, "data folder")
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], cfg.DataDir, "DIR")
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if left, _ := filepath.Glob(cfg.DataDir + "/.doctor*"); len(left) > 0 {
				t.Errorf("it left %v behind", left)
			}
		})
	}
}

func TestDoctor_inbox(t *testing.T) {
	put := func(t *testing.T, cfg *config.Config, at time.Time, bodies ...string) {
		t.Helper()
		b, err := inbox.Open(t.Context(), inbox.Config{Path: InboxPath(cfg), Now: func() time.Time { return at }, Log: quiet})
		must(t, err)
		for _, body := range bodies {
			_, err := b.Put(t.Context(), intake.ItemOf("", waha.Keep([]byte(body)), []byte(body)))
			must(t, err)
		}
		must(t, b.Close())
	}
	for _, tt := range []struct {
		name string
		make func(*testing.T, *config.Config)
		want []string
	}{
		{"not there yet", func(*testing.T, *config.Config) {}, []string{"skipped: INBOX is not there yet: nothing was received →"}},
		{"empty", func(t *testing.T, cfg *config.Config) { put(t, cfg, time.Now()) },
			[]string{"ok: 0 received, 0 recorded, 0 skipped, 0 waiting, 0 in quarantine →"}},
		{"something waits, but not for long", func(t *testing.T, cfg *config.Config) {
			put(t, cfg, time.Now(), labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000))
		}, []string{"ok: 1 received, 0 recorded, 0 skipped, 1 waiting, 0 in quarantine →"}},
		{"something waits for hours", func(t *testing.T, cfg *config.Config) {
			put(t, cfg, time.Now().Add(-3*time.Hour), labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000))
		}, []string{
			"ok: 1 received, 0 recorded, 0 skipped, 1 waiting, 0 in quarantine →",
			"warning: waiting to be recorded: 1, the oldest for 3h0m → Is `tandai serve` running, and is the database there (see below)?",
		}},
		{"something is in quarantine", func(t *testing.T, cfg *config.Config) { put(t, cfg, time.Now(), "{", "[]") }, []string{
			"ok: 2 received, 0 recorded, 0 skipped, 0 waiting, 2 in quarantine →",
			"warning: in quarantine: 2 → `tandai quarantine list` shows why, and so does the page; after a fix: `tandai replay --quarantined`",
		}},
		{"damaged", func(t *testing.T, cfg *config.Config) {
			must(t, os.MkdirAll(cfg.DataDir, 0o700))
			must(t, os.WriteFile(InboxPath(cfg), []byte(strings.Repeat("no database ", 1000)), 0o600))
		}, []string{"failed: INBOX: it cannot be opened → While it cannot be opened every webhook is answered 503. A damaged file: move it aside, do not delete it, and start again."}},
		{"full", func(t *testing.T, cfg *config.Config) {
			put(t, cfg, time.Now())
			cfg.Inbox.MinFreeBytes = 1 << 60
		}, []string{
			"failed: nothing can be accepted → Make room: webhooks are answered 503 until there is.",
			"ok: 0 received, 0 recorded, 0 skipped, 0 waiting, 0 in quarantine →",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := configured(t, "")
			tt.make(t, cfg)
			got := about(Examine(t.Context(), cfg, DoctorOptions{}), "inbox")
			for i, line := range got {
				line = strings.ReplaceAll(line, InboxPath(cfg), "INBOX")
				saw, do, _ := strings.Cut(line, " →")
				saw, _, _ = strings.Cut(saw, "; ") // how much room there is
				if strings.HasPrefix(saw, "failed: INBOX: ") {
					saw = "failed: INBOX: it cannot be opened"
				}
				saw, _, _ = strings.Cut(saw, "accepted: ")
				saw = strings.TrimSuffix(saw, "0s")
				if strings.HasSuffix(saw, "can be ") {
					saw += "accepted"
				}
				got[i] = saw + " →" + do
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

var (
	schemaBehind = regexp.MustCompile("^warning: version 0, this program needs [1-9][0-9]* → `tandai migrate`, or start `tandai serve`\\.$")
	schemaAhead  = regexp.MustCompile(`^failed: version 99, this program knows [1-9][0-9]* → Use the newer Tandai that migrated it\.$`)
	schemaThere  = regexp.MustCompile(`^ok: version [1-9][0-9]* →$`)
)

func TestDoctor_sqlite(t *testing.T) {
	cfg := configured(t, "clients: [{name: hansarang, sessions: [{name: cs1}]}]")
	where := cfg.Database.String()
	if diff := cmp.Diff([]string{"skipped: " + where + " is not there yet: `tandai serve` makes it in " + cfg.DataDir + " →"}, examine(t, cfg, "database")); diff != "" {
		t.Errorf("before it is there (-want +got):\n%s", diff)
	}
	must(t, os.MkdirAll(cfg.DataDir, 0o700))
	must(t, os.WriteFile(cfg.Database.Path, nil, 0o600))
	if got := examine(t, cfg, "schema"); len(got) != 1 || !schemaBehind.MatchString(got[0]) {
		t.Errorf("before it is migrated: %q", got)
	}

	db, err := sql.Open("sqlite", "file:"+cfg.Database.Path)
	must(t, err)
	defer db.Close()
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	exec("CREATE TABLE labeling_cs1 (timestamp_unix INTEGER)") // of the old workflow
	r := serve(t, cfg)
	r.drained()
	must(t, r.stop())
	if got := examine(t, cfg, "schema"); len(got) != 1 || !schemaThere.MatchString(got[0]) {
		t.Errorf("migrated: %q", got)
	}
	if got := examine(t, cfg, "database"); len(got) != 1 || !strings.HasPrefix(got[0], "ok: "+where+" answers: SQLite 3.") {
		t.Errorf("migrated: %q", got)
	}
	if got := examine(t, cfg, "views"); len(got) != 1 || !strings.HasPrefix(got[0], "warning: session cs1: ") || !strings.Contains(got[0], "labeling_cs1") ||
		!strings.HasSuffix(got[0], "→ Rename one of the two, or set clients[].sessions[].table.") {
		t.Errorf("a table is in a view's place: %q", got)
	}
	exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	if got := examine(t, cfg, "schema"); len(got) != 1 || !schemaAhead.MatchString(got[0]) {
		t.Errorf("migrated by a newer one: %q", got)
	}
	must(t, db.Close())
	must(t, os.RemoveAll(cfg.Database.Path+"-wal"))
	must(t, os.WriteFile(cfg.Database.Path, []byte(strings.Repeat("no database ", 1000)), 0o600))
	if got := examine(t, cfg, "database"); len(got) != 1 || !strings.HasPrefix(got[0], "failed: "+where+" ") {
		t.Errorf("damaged: %q", got)
	}
}

func TestDoctor_mariadb(t *testing.T) {
	dsn := mariadbtest.DSN(t)
	u, err := url.Parse(dsn)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := l.Addr().String()
	must(t, l.Close())
	change := func(f func(u *url.URL)) string {
		other := *u
		f(&other)
		return other.String()
	}
	for _, tt := range []struct{ name, database, saw, do string }{
		{"all is well", dsn, "ok: ", ""},
		{"a wrong password", change(func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "wr0ng") }), "failed: ",
			"User name or password is wrong, or the user may not come from this machine."},
		{"no such database", change(func(u *url.URL) { u.Path = "/tandai_test_none" }), "failed: ", "Make the database first: CREATE DATABASE <name> CHARACTER SET utf8mb4."},
		{"nobody there", change(func(u *url.URL) { u.Host = nobody }), "failed: ", "Nobody answers there: is the server running, and are host and port right?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := examine(t, configured(t, "database: "+tt.database), "database")
			if len(got) != 1 || !strings.HasPrefix(got[0], tt.saw+"mysql://") || !strings.Contains(got[0]+" ", "→ "+tt.do) || tt.do == "" && !strings.HasSuffix(got[0], "→") {
				t.Errorf("got %q, want %s… → %s", got, tt.saw, tt.do)
			}
			if strings.Contains(strings.Join(got, ""), "wr0ng") {
				t.Errorf("the password is told: %q", got)
			}
		})
	}
}

// The database's own clock is compared with this machine's.
func TestDoctor_databaseClock(t *testing.T) {
	cfg := configured(t, "")
	r := serve(t, cfg)
	r.drained()
	must(t, r.stop())
	for _, tt := range []struct {
		name string
		off  time.Duration
		want int // warnings
	}{{"the same", 0, 0}, {"a second", time.Second, 0}, {"an hour ahead", time.Hour, 1}, {"an hour behind", -time.Hour, 1}} {
		d := &doctor{cfg: cfg, opt: DoctorOptions{Now: func() time.Time { return time.Now().Add(tt.off) }}}
		d.database(t.Context())
		if got := about(d.findings, "clock"); len(got) != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		} else if tt.want > 0 && (!strings.Contains(got[0], "differ by ") || !strings.HasSuffix(got[0], "→ Let both machines follow a time server.")) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestAdviceFor(t *testing.T) {
	for code, want := range map[string]string{
		"1045": "password", "1698": "password", "1044": "GRANT", "1142": "GRANT", "1049": "CREATE DATABASE", "1040": "max_connections", "1203": "max_connections",
		"1130": "bind-address", "1290": "read-only", "1836": "read-only", "1792": "read-only", "1317": "kept in the inbox", "": "kept in the inbox",
	} {
		err := fmt.Errorf("ping: %w", &store.Error{Class: store.ErrUnavailable, Code: code, Op: "ping", Err: context.DeadlineExceeded})
		if got := adviceFor(err); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want something about %s", code, got, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
