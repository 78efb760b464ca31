package importer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/importer"
	"tandai/internal/store"
)

// Column types that such tables have.
func TestRun_typesOfMariaDB(t *testing.T) {
	d := onMariaDB(t)
	for _, tc := range []struct {
		name, columns, values string
		want                  string // timestamp_unix, nomor_lead, label_id, label_name, status
	}{
		{"unsigned numbers", "timestamp_unix BIGINT UNSIGNED, nomor_lead BIGINT UNSIGNED, label_id INT UNSIGNED, label_name VARCHAR(50), status ENUM('add_label','delete_label')",
			"1753798945612, 6285678000002, 7, 'Grade A', 'add_label'", "1753798945612 | 6285678000002 | 7 | Grade A | add_label"},
		{"floating point", "timestamp_unix DOUBLE, nomor_lead DOUBLE, label_id FLOAT, label_name TEXT, status TEXT",
			"1753798945612, 6285678000002, 7, 'Grade A', 'add_label'", "1753798945612 | 6285678000002 | 7 | Grade A | add_label"},
		{"decimals", "timestamp_unix DECIMAL(20,3), nomor_lead DECIMAL(20,0), label_id DECIMAL(5,1), label_name CHAR(20), status CHAR(20)",
			"1753798945.612, 6285678000002, 7, 'Grade A', 'add_label'", "1753798945612 | 6285678000002 | 7 | Grade A | add_label"},
		{"a DATETIME is of the client's zone", "timestamp_unix DATETIME(3), nomor_lead VARCHAR(20), label_id VARCHAR(5), label_name VARCHAR(20), status VARCHAR(20)",
			"'2025-07-29 21:22:25.612', '6285678000002', '7', 'Grade A', 'add_label'", "1753798945612 | 6285678000002 | 7 | Grade A | add_label"},
		{"a TIMESTAMP is what it is", "timestamp_unix TIMESTAMP(3) NULL, nomor_lead VARCHAR(20), label_id VARCHAR(5), label_name VARCHAR(20), status VARCHAR(20)",
			"FROM_UNIXTIME(1753798945.612), '6285678000002', '7', 'Grade A', 'add_label'", "1753798945612 | 6285678000002 | 7 | Grade A | add_label"},
		{"latin1", "timestamp_unix BIGINT, nomor_lead VARCHAR(20), label_id VARCHAR(5), label_name VARCHAR(20) CHARACTER SET latin1, status VARCHAR(20) CHARACTER SET latin1",
			"1753798945612, '6285678000002', '7', 'Calon é', 'add_label'", "1753798945612 | 6285678000002 | 7 | Calon é | add_label"},
		{"bytes", "timestamp_unix VARBINARY(20), nomor_lead BLOB, label_id VARBINARY(5), label_name BLOB, status VARBINARY(20)",
			"'1753798945612', '6285678000002', '7', 'Grade 🔥', 'add_label'", "1753798945612 | 6285678000002 | 7 | Grade 🔥 | add_label"},
		{"JSON", "timestamp_unix BIGINT, nomor_lead VARCHAR(20), label_id JSON, label_name VARCHAR(20), status JSON",
			`1753798945612, '6285678000002', '"7"', 'Grade A', '"add_label"'`, "1753798945612 | 6285678000002 | 7 | Grade A | add_label"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			session := strings.ReplaceAll(strings.ReplaceAll(tc.name, " ", "_"), "'", "")
			table := "labeling `" + session + "`"
			quoted := "`" + strings.ReplaceAll(table, "`", "``") + "`"
			d.exec("CREATE TABLE " + quoted + " (" + tc.columns + ") DEFAULT CHARACTER SET utf8mb4")
			d.exec("INSERT INTO " + quoted + " VALUES (" + tc.values + ")")
			result := d.run(d.config(table, session))
			if result.Events != 1 {
				t.Fatalf("%+v", result)
			}
			got := d.rows("SELECT timestamp_unix, nomor_lead, label_id, label_name, status FROM label_events WHERE session = ?", session)
			if diff := cmp.Diff([]string{tc.want}, got); diff != "" {
				t.Error(diff)
			}
			d.exec("CREATE VIEW `lihat " + session + "` AS SELECT * FROM " + quoted)
			if again := d.run(d.config("lihat "+session, session)); again.Known != 1 || again.Events != 0 {
				t.Errorf("the same through a view: %+v", again)
			}
		})
	}
	d.verify()
}

// oldTable is a small table of n8n, in a collation of its own, with what joins it.
func oldTable(d *desk) {
	d.exec(`CREATE TABLE labeling_toko (timestamp_unix BIGINT PRIMARY KEY, klien VARCHAR(50), nomor_cs VARCHAR(50), nomor_lead VARCHAR(50) COLLATE utf8mb4_unicode_ci,
		label_id VARCHAR(20), label_name VARCHAR(50) CHARACTER SET latin1, status VARCHAR(20)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`)
	for i := range 200 {
		d.exec("INSERT INTO labeling_toko VALUES (?, 'toko', '6281200000001', ?, ?, ?, ?)", 1753798945612+i*1000, fmt.Sprint("62856780000", i%17),
			fmt.Sprint(i%3), fmt.Sprintf("Grade %c", 'A'+i%3), []string{"add_label", "delete_label"}[i%7/5])
	}
	d.exec("CREATE TABLE prospek (nomor VARCHAR(50), nama VARCHAR(50)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	d.exec("INSERT INTO prospek VALUES ('628567800000', 'Siti')")
}

func adopt(d *desk) importer.AdoptConfig {
	return importer.AdoptConfig{Store: d.store, Table: d.table("labeling_toko"), Session: "toko", Zone: jakarta,
		Wait: func(context.Context, time.Duration) error { return nil },
		CatchUp: func(ctx context.Context, table store.Table) error {
			cfg := d.config(table.Name, "toko")
			cfg.Name = "labeling_toko"
			_, err := importer.Run(ctx, cfg)
			return err
		}}
}

func undo(d *desk) {
	d.t.Helper()
	a, found, err := d.store.Adoption(context.Background(), "toko")
	if err != nil || !found {
		d.t.Fatalf("adoption: %v, %v", found, err)
	}
	if err := d.store.Undo(context.Background(), a); err != nil {
		d.t.Fatal(err)
	}
}

// What only Tandai has is named by the ids of the log, of two events that are alike
// by the one that did not come from the table.
func TestCompareAdopted_namesEvents(t *testing.T) {
	d := onMariaDB(t)
	oldTable(d)
	ctx := context.Background()
	d.run(d.config("labeling_toko", "toko"))
	if _, err := importer.Adopt(ctx, adopt(d)); err != nil {
		t.Fatal(err)
	}
	const copied = `INSERT INTO label_events (event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id, source, start_unknown, received_at, said_client, said_cs)
		SELECT ?, timestamp_unix + ?, 'lain', nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id, 'webhook', 0, received_at, said_client, said_cs
		FROM label_events WHERE session = 'toko' AND timestamp_unix = 1753798945612 AND source = 'import'`
	alike, later := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	d.exec(copied, alike, 0)
	d.exec(copied, later, 999_999_999)
	d.exec("UPDATE labeling_toko_before_tandai SET klien = 'lama' WHERE timestamp_unix <> 1753798945612")
	a, _, err := d.store.Adoption(ctx, "toko")
	if err != nil {
		t.Fatal(err)
	}
	got, err := importer.CompareAdopted(ctx, d.store, a, jakarta, importer.Show{OnlyView: 100, Other: 3})
	if err != nil || got.OnlyView != 2 || got.Different != 199 || len(got.First) != 5 {
		t.Fatalf("%+v, %v", got, err)
	}
	ids := map[string]string{}
	for _, f := range got.First[:2] {
		ids[f.EventID] = f.Source
	}
	if diff := cmp.Diff(map[string]string{alike: "webhook", later: "webhook"}, ids); diff != "" {
		t.Error(diff)
	}
}

const joined = "SELECT p.nama, COUNT(*) FROM prospek p JOIN labeling_toko l ON l.nomor_lead = p.nomor WHERE l.label_name = 'GRADE A' GROUP BY p.nama"

func TestAdopt(t *testing.T) {
	d := onMariaDB(t)
	oldTable(d)
	ctx := context.Background()
	d.run(d.config("labeling_toko", "toko"))
	const collations = "SELECT column_name, character_set_name, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'labeling_toko' AND ordinal_position > 1 ORDER BY ordinal_position"
	before := [][]string{d.rows(original), d.rows(joined), d.rows(collations)}
	result, err := importer.Adopt(ctx, adopt(d))
	if err != nil {
		t.Fatal(err)
	}
	want := importer.Comparison{Same: 200, Columns: map[string]int64{}, First: []importer.RowDifference{}}
	if diff := cmp.Diff(want, result.Comparison); diff != "" {
		t.Error(diff)
	}
	after := [][]string{d.rows(original), d.rows(joined), d.rows(collations)}
	if diff := cmp.Diff(before, after); diff != "" || len(before[1]) != 1 {
		t.Errorf("the original's query, a join, the collations (-table +view)\n%s", diff)
	}
	kinds := "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'labeling%' ORDER BY table_name"
	if diff := cmp.Diff([]string{"labeling_toko | VIEW", "labeling_toko_before_tandai | BASE TABLE"}, d.rows(kinds)); diff != "" {
		t.Error(diff)
	}
	if _, err := d.raw.Exec("UPDATE labeling_toko SET klien = 'x'"); err == nil {
		t.Error("the view was written through")
	}
	if _, err := importer.Adopt(ctx, adopt(d)); err == nil {
		t.Error("adopted twice")
	}

	// A view that was dropped comes back as it was.
	d.exec("DROP VIEW labeling_toko")
	if notes, err := d.store.EnsureViews(ctx); err != nil || len(notes) != 0 {
		t.Fatalf("%v, %v", notes, err)
	}
	if diff := cmp.Diff(before, [][]string{d.rows(original), d.rows(joined), d.rows(collations)}); diff != "" {
		t.Errorf("made again (-table +view)\n%s", diff)
	}
	// The configuration cannot take the name away that people use.
	if err := d.store.Configure(ctx, store.Settings{Zone: "UTC", Sessions: []store.SessionConfig{{Session: "toko", Client: "toko", View: "lain"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.EnsureViews(ctx); err != nil {
		t.Fatal(err)
	}
	if got := d.rows("SELECT COUNT(*) FROM labeling_toko"); got[0] != "200" {
		t.Errorf("rows after another configuration: %v", got)
	}

	a, found, err := d.store.Adoption(ctx, "toko")
	if err != nil || !found || a.State != store.AdoptionAdopted {
		t.Fatalf("%+v, %v, %v", a, found, err)
	}
	if err := d.store.Undo(ctx, a); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"labeling_toko | BASE TABLE"}, d.rows(kinds)); diff != "" {
		t.Error(diff)
	}
	d.exec("UPDATE labeling_toko SET klien = 'y' WHERE timestamp_unix = 1753798945612")
	if _, err := d.store.EnsureViews(ctx); err != nil { // the name that was configured
		t.Fatal(err)
	}
	if got := d.rows("SELECT (SELECT COUNT(*) FROM labeling_toko WHERE klien = 'y'), (SELECT COUNT(*) FROM lain)"); got[0] != "1 | 200" {
		t.Errorf("after undo: %v", got)
	}
	d.verify()
}

func TestAdopt_refuses(t *testing.T) {
	d := onMariaDB(t)
	oldTable(d)
	ctx := context.Background()
	d.run(d.config("labeling_toko", "toko"))
	untouched := func(t *testing.T) {
		t.Helper()
		want := []string{"labeling_toko | BASE TABLE"}
		if diff := cmp.Diff(want, d.rows("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'labeling%'")); diff != "" {
			t.Error(diff)
		}
	}
	t.Run("while the table is written", func(t *testing.T) {
		cfg := adopt(d)
		cfg.Wait = nil // three seconds
		stop, done := make(chan struct{}), sync.WaitGroup{}
		done.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(200 * time.Millisecond):
				}
				_, _ = d.raw.Exec("INSERT INTO labeling_toko VALUES (?, 'toko', '', '6285678000001', '1', 'Grade A', 'add_label')", 1763798945612+i)
			}
		})
		_, err := importer.Adopt(ctx, cfg)
		close(stop)
		done.Wait()
		if !errors.Is(err, importer.ErrWritten) {
			t.Errorf("adopted: %v", err)
		}
		untouched(t)
	})
	t.Run("when the view would lack rows", func(t *testing.T) {
		_, err := importer.Adopt(ctx, adopt(d)) // those that were written meanwhile
		if !errors.Is(err, importer.ErrMissing) {
			t.Errorf("adopted: %v", err)
		}
		untouched(t)
	})
	t.Run("but not when that is accepted, nor for rows that nobody can read", func(t *testing.T) {
		d.exec("UPDATE labeling_toko SET nomor_lead = NULL WHERE timestamp_unix = 1753798945612")
		cfg := adopt(d)
		cfg.AcceptMissing = true
		lacks, err := importer.Adopt(ctx, cfg)
		if err != nil || lacks.Comparison.Unreadable != 1 || lacks.Comparison.OnlyTable < 2 {
			t.Fatalf("%+v, %v", lacks, err)
		}
		undo(d)
		untouched(t)
		d.run(d.config("labeling_toko", "toko")) // those that were written meanwhile
		lacks, err = importer.Adopt(ctx, adopt(d))
		if err != nil || lacks.Comparison.Unreadable != 1 || lacks.Comparison.OnlyTable != 1 {
			t.Fatalf("with one row that nobody can read: %+v, %v", lacks, err)
		}
		if got := d.rows("SELECT COUNT(*) FROM labeling_toko_before_tandai WHERE nomor_lead IS NULL"); got[0] != "1" {
			t.Errorf("of that row the old table has %s", got[0])
		}
		undo(d)
	})
	t.Run("when the name is taken", func(t *testing.T) {
		d.exec("CREATE TABLE labeling_toko_before_tandai (a INT)")
		defer d.exec("DROP TABLE labeling_toko_before_tandai")
		if _, err := importer.Adopt(ctx, adopt(d)); !errors.Is(err, importer.ErrInTheWay) {
			t.Errorf("adopted: %v", err)
		}
	})
}

// late writes to the table in the last moment before the exchange, or dies in the
// first one after it.
type late struct {
	store.Importing
	before func()
}

func (l late) Adopt(ctx context.Context, a store.Adoption) error {
	if l.before != nil {
		l.before()
	}
	return l.Importing.Adopt(ctx, a)
}

func TestAdopt_writtenAtTheLastMoment(t *testing.T) {
	d := onMariaDB(t)
	oldTable(d)
	d.run(d.config("labeling_toko", "toko"))
	cfg := adopt(d)
	cfg.Store = late{Importing: d.store, before: func() {
		d.exec("INSERT INTO labeling_toko VALUES (1763798945612, 'toko', '', '6285678000099', '1', 'Grade A', 'add_label')")
	}}
	result, err := importer.Adopt(context.Background(), cfg)
	if err != nil || !result.CaughtUp {
		t.Fatalf("%+v, %v", result, err)
	}
	if got := d.rows("SELECT COUNT(*) FROM labeling_toko WHERE nomor_lead = '6285678000099'"); got[0] != "1" {
		t.Errorf("the last row is in the view %s times", got[0])
	}
}

// A crash between the exchange and the note of it.
func TestAdopt_cutOff(t *testing.T) {
	d := onMariaDB(t)
	oldTable(d)
	ctx := context.Background()
	d.run(d.config("labeling_toko", "toko"))
	a := store.Adoption{Session: "toko", View: "labeling_toko", Before: "labeling_toko_before_tandai"}
	if err := d.store.PrepareAdoption(ctx, a, d.table("labeling_toko")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.EnsureViews(ctx); err != nil { // serve, beside it
		t.Fatal(err)
	}
	have, found, err := d.store.Adoption(ctx, "toko")
	if err != nil || !found || have.State != store.AdoptionPrepared {
		t.Fatalf("%+v, %v, %v", have, found, err)
	}
	d.exec("RENAME TABLE labeling_toko TO labeling_toko_before_tandai, labeling_toko_tandai_new TO labeling_toko")
	if have, _, err = d.store.Adoption(ctx, "toko"); err != nil || have.State != store.AdoptionAdopted {
		t.Fatalf("%+v, %v", have, err)
	}
	if notes, err := d.store.EnsureViews(ctx); err != nil || len(notes) != 0 {
		t.Fatalf("%v, %v", notes, err)
	}
	if owner, err := d.store.ViewOwner(ctx, "labeling_toko"); err != nil || owner != "toko" {
		t.Errorf("owner %q, %v", owner, err)
	}
	if err := d.store.Undo(ctx, have); err != nil {
		t.Fatal(err)
	}
	if got := d.table("labeling_toko"); got.View {
		t.Error("still a view")
	}
}
