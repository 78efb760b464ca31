package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tandai/internal/store"
)

// TestConnect_keyOfOneSession: such a key may not list the sessions, and is asked
// about those that are known.
func TestConnect_keyOfOneSession(t *testing.T) {
	s := newStation(t, `{"metadata":{"klien":"a"}}`)
	forbid := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/sessions" || strings.Contains(r.URL.Path, "cs2") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"message":"Forbidden resource","error":"Forbidden","statusCode":403}`))
			return
		}
		s.node.ServeHTTP(w, r)
	}))
	defer forbid.Close()
	waha := "waha: {url: '" + forbid.URL + "', hmac_key: hook-s3cret}\n"
	for _, tt := range []struct {
		name     string
		settings string
		stored   string
		sessions []string
		want     string // "" = the server fails
	}{
		{"named", "", "", []string{"cs1"}, "cs1"},
		{"configured", "clients: [{name: a, sessions: [{name: cs1}, {name: cs2}, {name: cs9}]}]", "", nil, "cs1"},
		{"with rows", "", "cs1", nil, "cs1"},
		{"nobody knows any", "", "", nil, ""},
		{"another's", "", "", []string{"cs2"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := configured(t, waha+tt.settings)
			if tt.stored != "" {
				db, err := OpenStore(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if _, err := Prepare(t.Context(), db, cfg); err != nil {
					t.Fatal(err)
				}
				if _, err := db.Record(t.Context(), []store.Input{{Session: tt.stored, At: 1}}); err != nil {
					t.Fatal(err)
				}
			}
			c, err := ReadConnections(t.Context(), cfg, ConnectOptions{URL: "http://127.0.0.1:1", Sessions: tt.sessions})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			server := c.Servers[0]
			if tt.want == "" {
				if !strings.Contains(server.Error, "--session") {
					t.Errorf("%q does not say what to do", server.Error)
				}
				return
			}
			if server.Error != "" || len(server.Sessions) != 1 || server.Sessions[0].Session != tt.want || len(server.Sessions[0].Changes) == 0 {
				t.Errorf("want %s, got %+v, %q", tt.want, server.Sessions, server.Error)
			}
			if notes := strings.Join(server.Notes, "\n"); !strings.Contains(notes, "may not list the sessions") {
				t.Errorf("notes %q", notes)
			}
		})
	}
	t.Run("doctor", func(t *testing.T) {
		cfg := configured(t, waha+"clients: [{name: a, sessions: [{name: cs1}]}]")
		d := &doctor{cfg: cfg, opt: DoctorOptions{URL: "http://127.0.0.1:1"}}
		d.waha(t.Context())
		seen := false
		for _, f := range d.findings {
			seen = seen || strings.Contains(f.Saw, "session cs1")
		}
		if !seen {
			t.Errorf("it did not look at cs1: %+v", d.findings)
		}
	})
}
