package importer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/importer"
	"tandai/internal/store"
)

// failing fails an import now and then, before or after it was written: what a
// crash at any moment leaves behind.
type failing struct {
	store.Importing
	fate func() string
}

var errCut = errors.New("cut off")

func (f failing) Import(ctx context.Context, c store.ImportChunk) (store.Imported, error) {
	fate := f.fate()
	if fate == "before" {
		return store.Imported{}, errCut
	}
	done, err := f.Importing.Import(ctx, c)
	if fate == "after" && err == nil {
		err = errCut
	}
	return done, err
}

// Whatever the chunks, however often it is cut off, and when rows are added
// meanwhile: the log has every row of the table as often as the table has it.
func TestRun_anyChunksAnyCrash(t *testing.T) {
	d := onSQLite(t)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		table := fmt.Sprintf("labeling_r%d", round)
		d.exec("CREATE TABLE " + table + " (timestamp_unix, klien TEXT, nomor_cs TEXT, nomor_lead TEXT, label_id, label_name TEXT, status TEXT)")
		add := func() {
			for range rapid.IntRange(0, 6).Draw(t, "rows") {
				lead := rapid.SampledFrom([]string{"6281299900011", "6281299900011@c.us", "6281299900022", "", "201000000000011@lid"}).Draw(t, "lead")
				d.exec("INSERT INTO "+table+" VALUES (?, 'toko', '6281', ?, ?, 'Grade', ?)", 1726000000000+rapid.Int64Range(0, 3).Draw(t, "at"), lead,
					rapid.IntRange(1, 2).Draw(t, "label"), rapid.SampledFrom([]string{"add_label", "delete_label", "?"}).Draw(t, "status"))
			}
		}
		fates := rapid.SampledFrom([]string{"", "", "before", "after"})
		session := fmt.Sprintf("r%d", round)
		for range rapid.IntRange(1, 3).Draw(t, "turns") {
			add()
			cfg := d.config(table, session)
			cfg.Chunk = rapid.IntRange(1, 5).Draw(t, "chunk")
			cfg.Store = failing{d.store, func() string { return fates.Draw(t, "fate") }}
			if _, err := importer.Run(context.Background(), cfg); err != nil && !errors.Is(err, errCut) {
				t.Fatal(err)
			}
		}
		last := d.run(d.config(table, session))
		if again := d.run(d.config(table, session)); again.Events != 0 || again.Known != last.Events+last.Known || again.Problems != last.Problems {
			t.Fatalf("once more: %+v after %+v", again, last)
		}
		in := "FROM " + table + " WHERE nomor_lead <> '' AND status <> '?'"
		want := d.rows("SELECT timestamp_unix, REPLACE(nomor_lead, '@c.us', '') AS l, label_id, status, COUNT(*) " + in + " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4")
		got := d.rows("SELECT timestamp_unix, nomor_lead, label_id, status, COUNT(*) FROM label_events WHERE session = ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", session)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		problems := d.rows("SELECT COUNT(*) FROM import_problems WHERE session = ?", session)
		listed := d.rows("SELECT COUNT(*) FROM " + table + " WHERE NOT (nomor_lead <> '' AND status <> '?')")
		if diff := cmp.Diff(listed, problems); diff != "" {
			t.Fatal(diff)
		}
	})
	d.verify()
}

// Many rows of one kind do not hide those of another.
func TestCompare_namesEachKind(t *testing.T) {
	d := onSQLite(t)
	for _, name := range []string{"a", "b"} {
		d.exec("CREATE TABLE " + name + " (timestamp_unix INTEGER, klien TEXT, nomor_cs TEXT, nomor_lead TEXT, label_id TEXT, label_name TEXT, status TEXT)")
	}
	add := func(name string, at int, client string) {
		d.exec("INSERT INTO "+name+" VALUES (?, ?, '', '6281299900011', '1', '', 'add_label')", 1726000000000+at, client)
	}
	for i := range 30 {
		add("a", i, "x")
		add("b", i, "y")
		add("a", 10_000+i, "x")
		add("b", 20_000+i, "y")
	}
	got, err := importer.Compare(context.Background(), importer.Side{From: d.store, Table: d.table("a")}, importer.Side{From: d.store, Table: d.table("b")}, jakarta,
		importer.Show{OnlyView: 25, Other: 4})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	var order []string
	for _, f := range got.First {
		kind := "different"
		switch {
		case f.View == nil:
			kind = "only in the table"
		case f.Table == nil:
			kind = "only in the view"
		}
		if kinds[kind]++; kinds[kind] == 1 {
			order = append(order, kind)
		}
	}
	if diff := cmp.Diff(map[string]int{"only in the table": 4, "only in the view": 25, "different": 4}, kinds); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"only in the table", "only in the view", "different"}, order); diff != "" {
		t.Error(diff)
	}
}

// The comparison by sums finds what a comparison row by row finds.
func TestCompare_agreesWithCounting(t *testing.T) {
	d := onSQLite(t)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		names := [2]string{fmt.Sprintf("a%d", round), fmt.Sprintf("b%d", round)}
		counts := [2]map[string]int64{{}, {}}
		for i, name := range names {
			d.exec("CREATE TABLE " + name + " (timestamp_unix INTEGER, klien TEXT, nomor_cs TEXT, nomor_lead TEXT, label_id TEXT, label_name TEXT, status TEXT)")
			for range rapid.IntRange(0, 8).Draw(t, "rows") {
				at, client := 1726000000000+rapid.Int64Range(0, 2).Draw(t, "at"), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "client")
				d.exec("INSERT INTO "+name+" VALUES (?, ?, '', '6281299900011', '1', '', 'add_label')", at, client)
				counts[i][fmt.Sprint(at)]++
			}
		}
		got, err := importer.Compare(context.Background(), importer.Side{From: d.store, Table: d.table(names[0])}, importer.Side{From: d.store, Table: d.table(names[1])}, jakarta, importer.Show{OnlyView: 50, Other: 50})
		if err != nil {
			t.Fatal(err)
		}
		var both, onlyA, onlyB int64
		for at, n := range counts[0] {
			both += min(n, counts[1][at])
			onlyA += max(0, n-counts[1][at])
		}
		for at, n := range counts[1] {
			onlyB += max(0, n-counts[0][at])
		}
		if got.Same+got.Different != both || got.OnlyTable != onlyA || got.OnlyView != onlyB {
			t.Fatalf("%+v, want %d on both sides, %d and %d on one", got, both, onlyA, onlyB)
		}
		if int64(len(got.First)) != got.Different+onlyA+onlyB {
			t.Fatalf("%d of %+v listed", len(got.First), got)
		}
	})
}
