package app

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// An inbox that is damaged when Tandai starts is not a reason to be away: WAHA
// gets 503, tries again, and gets in as soon as somebody has mended it.
func TestServer_damagedInbox(t *testing.T) {
	cfg := configured(t, "")
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(InboxPath(cfg), []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := serve(t, cfg, func(s *Server) { s.reopenEvery = 20 * time.Millisecond })
	body := labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000)
	req, err := http.NewRequest(http.MethodPost, r.base+"/webhooks/waha", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("with a damaged inbox: %d, Retry-After %q, want 503 with one", res.StatusCode, res.Header.Get("Retry-After"))
	}
	if code, state := r.ready(); code != http.StatusServiceUnavailable || state.Status != "unavailable" || state.Inbox == "ok" {
		t.Errorf("readyz: %d %+v", code, state)
	}
	for _, path := range []string{"/", "/healthz", "/metrics"} {
		if code, _ := r.get(path); code != http.StatusOK {
			t.Errorf("%s answers %d, want 200", path, code)
		}
	}
	if !strings.Contains(r.log.String(), "level=ERROR msg=\"inbox cannot be opened") {
		t.Errorf("it is not said:\n%s", r.log)
	}

	if err := os.Rename(InboxPath(cfg), filepath.Join(cfg.DataDir, "damaged.db")); err != nil {
		t.Fatal(err)
	}
	r.until("it is open", func(code int, _ readiness) bool { return code == http.StatusOK })
	if code, answer := r.deliver("/webhooks/waha", "", body); code != http.StatusOK {
		t.Errorf("once it is mended: %d %s", code, answer)
	}
	r.drained()
	if _, page := r.get("/metrics"); !strings.Contains(page, "tandai_inbox_") {
		t.Error("an inbox that opened late is not measured")
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if n := len(logOf(t, cfg)); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

// One that is never mended does not keep Tandai from ending.
func TestServer_endsWithoutInbox(t *testing.T) {
	cfg := configured(t, "")
	if err := os.MkdirAll(InboxPath(cfg), 0o700); err != nil { // a folder in its place
		t.Fatal(err)
	}
	r := serve(t, cfg)
	if code, _ := r.deliver("/webhooks/waha", "", "{}"); code != http.StatusServiceUnavailable {
		t.Errorf("answered %d, want 503", code)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

// A database that is away when Tandai starts costs nothing: what comes is kept,
// and recorded when it is there. So does one that goes away and comes back.
func TestServer_databaseAway(t *testing.T) {
	db := mariadbtest.Start(t)
	cfg := configured(t, "database: "+db.URL()+"\npipeline: {retry_max: 100ms}")
	if err := db.Stop(); err != nil {
		t.Fatal(err)
	}
	r := serve(t, cfg)
	away := func(code int, s readiness) bool {
		return code == http.StatusOK && s.Status == "ready" && s.Database == "away" && s.DatabaseError != ""
	}
	r.until("the database is missed", away)
	if code, answer := r.deliver("/webhooks/waha", "", labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000)); code != http.StatusOK {
		t.Errorf("while it is away: %d %s", code, answer)
	}
	if _, page := r.get("/metrics"); !strings.Contains(page, "\ntandai_database_up 0\n") {
		t.Error("no metric says that the database is away")
	}
	if !strings.Contains(r.log.String(), "database cannot be used: events are kept in the inbox until it can; `tandai doctor` explains") {
		t.Errorf("it is not said:\n%s", r.log)
	}

	if err := db.Restart(); err != nil {
		t.Fatal(err)
	}
	r.drained()
	if err := db.Kill(); err != nil {
		t.Fatal(err)
	}
	r.until("it is missed again, though nothing came", away)
	if code, answer := r.deliver("/webhooks/waha", "", labelled("cs1", "evt_2", "6281299900011@c.us", "2", 1726000002000)); code != http.StatusOK {
		t.Errorf("while it is away again: %d %s", code, answer)
	}
	if err := db.Restart(); err != nil {
		t.Fatal(err)
	}
	r.drained()
	if _, page := r.get("/metrics"); !strings.Contains(page, "\ntandai_database_up 1\n") {
		t.Error("no metric says that the database is back")
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if rows := logOf(t, cfg); len(rows) != 2 {
		t.Errorf("%d rows, want 2", len(rows))
	}
}

// Tandai ends at once although its database is away.
func TestServer_endsWithoutDatabase(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	r := serve(t, configured(t, "database: mysql://root@"+l.Addr().String()+"/tandai"))
	r.until("the database is missed", func(_ int, s readiness) bool { return s.Database == "away" })
	started := time.Now()
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > patience/2 {
		t.Errorf("it took %v", took)
	}
}
