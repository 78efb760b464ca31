package app

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/config"
	"tandai/internal/demo"
	"tandai/internal/inbox"
	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// filled fills a demo and reads its configuration as serve would.
func filled(t *testing.T, opt DemoOptions) (*config.Config, Filled) {
	t.Helper()
	opt.Dir, opt.Addr, opt.Stderr = filepath.Join(t.TempDir(), "demo"), "127.0.0.1:0", &said{}
	d, err := NewDemo(opt)
	must(t, err)
	calls := 0
	got, err := d.Fill(t.Context(), func(int) { calls++ })
	must(t, err)
	if calls != got.Deliveries/1000 {
		t.Errorf("told of its progress %d times in %d deliveries", calls, got.Deliveries)
	}
	if text := opt.Stderr.(*said).String(); text != "" {
		t.Errorf("it has something to say: %s", text)
	}
	cfg, err := config.Load(filepath.Join(opt.Dir, config.DefaultFile), nil)
	must(t, err)
	return cfg, got
}

// After the fill the database shows what the simulated phones show, and nothing
// that came in was not understood.
func TestDemo_Fill(t *testing.T) {
	end := time.Date(2026, 11, 20, 0, 0, 0, 0, time.FixedZone("WIB", 7*3600))
	for name, opt := range map[string]DemoOptions{
		"as it is by default":   {Seed: 7, End: end, Leads: 3000, Days: 90, LogLevel: "warn"},
		"long and thin":         {Seed: 7, End: end, Leads: 400, Days: 90, LogLevel: "warn"},
		"small, in the future":  {Seed: 3, End: end.AddDate(100, 0, 0), Leads: 150, Days: 20, LogLevel: "warn"},
		"ends in mid-afternoon": {Seed: 11, End: end.Add(15*time.Hour + 20*time.Minute), Leads: 150, Days: 20, LogLevel: "warn"},
	} {
		t.Run(name, func(t *testing.T) {
			if opt.Leads > 1000 && (raceDetector || testing.Short()) {
				t.Skip("seconds without the race detector, most of a minute with it; TestDemo in chaos fills the same with a program that has none")
			}
			cfg, counted := filled(t, opt)
			agency, err := demo.New(demo.Config{Seed: opt.Seed, End: opt.End, Days: opt.Days, Leads: opt.Leads})
			must(t, err)
			emitted := 0
			agency.History(func(ev wahasim.Event) bool { emitted++; return true })
			if counted.Deliveries != emitted {
				t.Errorf("%d deliveries, the agency has %d", counted.Deliveries, emitted)
			}

			var want, unclear []wahasim.Active
			for _, v := range agency.Truth() {
				if v.Tied {
					unclear = append(unclear, v)
					continue
				}
				want = append(want, v)
			}
			if len(want) < opt.Leads/2 {
				t.Errorf("only %d labels are on anybody", len(want))
			}
			if diff := cmp.Diff(want, activeLabels(t, cfg, unclear)); diff != "" {
				t.Errorf("active_labels differs from the phones (-phones +active_labels):\n%s", diff)
			}

			db, err := OpenExisting(t.Context(), cfg)
			must(t, err)
			defer db.Close()
			verified, err := db.Rebuild(t.Context(), store.RebuildOptions{DryRun: true})
			must(t, err)
			if verified.Differences != 0 || verified.Sessions != 8 || int64(verified.Events) != counted.Rows {
				t.Errorf("verify: %+v, want 8 sessions with %d rows as the log says", verified, counted.Rows)
			}

			in, err := inbox.Open(t.Context(), inbox.Config{Path: InboxPath(cfg), Log: quiet})
			must(t, err)
			defer in.Close()
			stats, err := in.Stats(t.Context())
			must(t, err)
			if stats.Received != int64(emitted) || stats.Quarantined != 0 || stats.Waiting != 0 || stats.Skipped["ignored_number"] == 0 || stats.Skipped["group"] == 0 {
				t.Errorf("inbox: %d of %d received, %d in quarantine, %d waiting, skipped %v", stats.Received, emitted, stats.Quarantined, stats.Waiting, stats.Skipped)
			}
		})
	}
}

// activeLabels reads the view as the phones' truth is written, but for what is
// unclear.
func activeLabels(t *testing.T, cfg *config.Config, but []wahasim.Active) []wahasim.Active {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.ReplaceAll(cfg.Database.Path, "#", "%23")) // a test's name may have one
	must(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT session, nomor_lead, label_id, label_name, since FROM active_labels ORDER BY session, nomor_lead, label_id`)
	must(t, err)
	defer rows.Close()
	var all []wahasim.Active
	for rows.Next() {
		var a wahasim.Active
		must(t, rows.Scan(&a.Session, &a.Lead, &a.LabelID, &a.LabelName, &a.Since))
		skip := false
		for _, b := range but {
			skip = skip || a.Session == b.Session && a.Lead == b.Lead && a.LabelID == b.LabelID
		}
		if !skip {
			all = append(all, a)
		}
	}
	must(t, rows.Err())
	return all
}

func TestNewDemo(t *testing.T) {
	end := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600))
	if _, err := NewDemo(DemoOptions{Dir: dir, Addr: "127.0.0.1:0", End: end}); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("a folder with something in it: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("it left %v", left)
	}

	dir = filepath.Join(t.TempDir(), "made", "by", "it")
	_, err := NewDemo(DemoOptions{Dir: dir, Addr: "127.0.0.1:0", End: end, LogLevel: "error"})
	must(t, err)
	file := filepath.Join(dir, config.DefaultFile)
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the key is %v", info.Mode().Perm())
	}
	cfg, err := config.Load(file, nil)
	must(t, err)
	if n := len(cfg.Warnings()); n > 0 {
		t.Errorf("its configuration is warned about: %v", cfg.Warnings())
	}
	if len(cfg.WAHA.HMACKey) != 1 || len(cfg.WAHA.HMACKey[0].Reveal()) < 20 {
		t.Error("its door has no key to speak of")
	}
	if len(cfg.Clients) != 3 || cfg.SessionOf("hansarang_cs1") == nil || cfg.Log.Level != "info" || len(cfg.ClientNamed("hansarang").Ignore) == 0 {
		t.Errorf("configuration: %+v", cfg)
	}
}
