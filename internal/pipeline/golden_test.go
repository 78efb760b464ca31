package pipeline

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// picture is every row there is, a cell to a line; empty cells are left out.
func (w *world) picture() string {
	w.t.Helper()
	var b strings.Builder
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		columns := strings.Split(tables[name], ", ")
		for _, row := range w.db.Query(w.t, "SELECT "+tables[name]+" FROM "+name+" ORDER BY "+tables[name]) {
			b.WriteString("\n" + name + "\n")
			for i, cell := range row {
				if cell != "" && cell != "NULL" {
					fmt.Fprintf(&b, "  %s: %s\n", columns[i], cell)
				}
			}
		}
	}
	return b.String()
}

// TestSamples: what becomes of every body a real WAHA was seen to send, each
// alone on an empty database.
func TestSamples(t *testing.T) {
	key, all := samples(t)
	for _, s := range all {
		t.Run(s.File, func(t *testing.T) {
			w := newWorld(t, onSQLite)
			w.key = key
			if err := w.knock(s.body, s.Headers["x-webhook-hmac"]); err != nil {
				t.Fatalf("the sample's own signature: %v", err)
			}
			w.run()
			golden(t, filepath.Join("testdata/golden", strings.TrimSuffix(s.File, ".json")+".txt"), w.outcomes()[0]+"\n"+w.picture())
			w.clean()
		})
	}
}

// TestSamplesTogether: all of them, one after the other, on both engines alike.
func TestSamplesTogether(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			w := newWorld(t, on)
			key, all := samples(t)
			w.key = key
			for _, s := range all {
				w.receive(s.body)
			}
			w.run()
			golden(t, "testdata/golden/all.txt", strings.Join(w.outcomes(), "\n")+"\n"+w.picture())
			w.clean()
		})
	}
}

// TestMapping: the fields of the original system's table, for the samples of
// every engine that sends labels.
func TestMapping(t *testing.T) {
	const cs = "6281234500001"
	key, all := samples(t)
	for _, tc := range []struct {
		sample, klien, configured string // klien: metadata.klien of the envelope
		want                      string // the seven columns
	}{
		{sample: "01", want: "1795399261337 | toko-aisyah | " + cs + " | 6281299900011 | 1 |  | add_label"},
		{sample: "02", want: "1795399322674 | toko-aisyah | " + cs + " | 201000000000011@lid | 3 |  | add_label"},
		{sample: "03", want: "1795399384011 | toko-aisyah | " + cs + " | 201000000000011@lid | 3 |  | delete_label"},
		{sample: "08", want: "1795399690696 | toko-aisyah |  | 6281299900021 | 6 |  | add_label"}, // me is null
		{sample: "09", want: "1795399752033 | toko-aisyah | " + cs + " | 201000000000021@lid | 6 | Follow up | add_label"},
		{sample: "10", want: "1795399813370 | toko-aisyah | " + cs + " | 6281299900021 | 6 | Follow up | delete_label"},
		{sample: "11", want: "1795399874707 | toko-aisyah | " + cs + " | 6281299900031 | 7 | Lunas | add_label"},
		// klien is the session, unless the envelope or, before that, the configuration names a client.
		{sample: "01", klien: "aisyah", want: "1795399261337 | aisyah | " + cs + " | 6281299900011 | 1 |  | add_label"},
		{sample: "08", klien: "aisyah", want: "1795399690696 | aisyah |  | 6281299900021 | 6 |  | add_label"},
		{sample: "01", configured: "Toko Aisyah", want: "1795399261337 | Toko Aisyah | " + cs + " | 6281299900011 | 1 |  | add_label"},
		{sample: "09", klien: "aisyah", configured: "Toko Aisyah", want: "1795399752033 | Toko Aisyah | " + cs + " | 201000000000021@lid | 6 | Follow up | add_label"},
	} {
		t.Run(fmt.Sprintf("sample %s, metadata.klien %q, configured %q", tc.sample, tc.klien, tc.configured), func(t *testing.T) {
			w := newWorld(t, onSQLite)
			w.key = key
			if tc.configured != "" {
				w.configure(store.SessionConfig{Session: "toko-aisyah", Client: tc.configured})
			}
			i := slices.IndexFunc(all, func(s sample) bool { return strings.HasPrefix(s.File, tc.sample+"-") })
			body := string(all[i].body)
			if tc.klien != "" {
				body = strings.Replace(body, `"metadata":{"tandai.tenant":"aisyah"},`, "", 1)
				body = strings.Replace(body, `"me":`, `"metadata":{"klien":"`+tc.klien+`"},"me":`, 1)
			}
			w.receive([]byte(body))
			w.run()
			const seven = "timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status"
			w.same("label_events", []string{tc.want}, w.rows("SELECT "+seven+" FROM label_events"))
			w.same("its view", []string{tc.want}, w.rows("SELECT "+seven+` FROM "labeling_toko-aisyah"`))
		})
	}
}

// configure tells the database of sessions, as a start does.
func (w *world) configure(sessions ...store.SessionConfig) {
	w.t.Helper()
	for i := range sessions {
		sessions[i].Zone = "Asia/Jakarta"
	}
	if err := w.db.Store.Configure(w.t.Context(), store.Settings{Zone: "Asia/Jakarta", Sessions: sessions}); err != nil {
		w.t.Fatalf("configure: %v", err)
	}
	if _, err := w.db.Store.EnsureViews(w.t.Context()); err != nil {
		w.t.Fatalf("ensure views: %v", err)
	}
}
