package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
	"tandai/internal/waha"
)

// TestServe_alarms: what arrives is counted; a session that stops working becomes an
// alarm in the database, in the metrics, and a signed message to a webhook of this
// machine, once; and all is well again when it works.
func TestServe_alarms(t *testing.T) {
	const key = "alarms-key"
	told := make(chan string, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get(waha.HeaderHmac) != waha.Sign([]byte(key), body) {
			t.Errorf("not signed: %v, %s", err, body)
		}
		if agent := r.Header.Get("User-Agent"); agent != "Tandai" {
			t.Errorf("it says it is %q", agent)
		}
		told <- string(body)
	}))
	defer hook.Close()
	cfg := configured(t, fmt.Sprintf("alarms: {webhook: {url: '%s/tandai', key: %s}}\n", hook.URL, key))
	cfg.Radar.SessionGrace = time.Millisecond // less than anybody may configure

	log, open, ended := &said{}, make(chan net.Addr, 1), make(chan error, 1)
	server, err := NewServer(cfg, Options{Version: "test", Ready: func(a net.Addr) { open <- a }, radarEvery: 20 * time.Millisecond}, NewLog(log, config.Log{Format: "text", Level: "debug"}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- server.Run(ctx) }()
	r := &running{t: t, server: server, base: "http://" + (<-open).String(), log: log, cancel: cancel, ended: ended}
	t.Cleanup(func() { _ = r.stop() })

	status := func(id, what string) {
		code, body := r.deliver("/webhooks/waha", "", fmt.Sprintf(`{"id":%q,"timestamp":%d,"event":"session.status","session":"cs1","me":null,"payload":{"name":"cs1","status":%q},"environment":{"engine":"GOWS"}}`,
			id, time.Now().UnixMilli(), what))
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, body)
		}
	}
	next := func() (event string, alarm store.Alarm, text string) {
		t.Helper()
		select {
		case body := <-told:
			var m struct {
				Event string
				Alarm struct{ Kind, Session, Status, State string }
				Text  map[string]string
			}
			if err := json.Unmarshal([]byte(body), &m); err != nil {
				t.Fatal(err)
			}
			return m.Event, store.Alarm{Kind: store.AlarmKind(m.Alarm.Kind), Subject: m.Alarm.Session, Detail: store.AlarmDetail{Status: m.Alarm.Status}}, m.Text["en"]
		case <-time.After(patience):
			t.Fatalf("nobody was told:\n%s", log)
		}
		return
	}
	if code, body := r.deliver("/webhooks/waha", "", labelled("cs1", "evt_1", "6281299900011@c.us", "1", time.Now().UnixMilli())); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	status("evt_2", "FAILED")
	event, alarm, text := next()
	if event != "alarm.raised" || alarm.Kind != store.AlarmSession || alarm.Subject != "cs1" || alarm.Detail.Status != "FAILED" || !strings.HasPrefix(text, "Session cs1 does not work since ") {
		t.Errorf("%s %+v %q", event, alarm, text)
	}
	_, metrics := r.get("/metrics")
	for _, want := range []string{`tandai_alarms_open{kind="session"} 1`, `tandai_alarms_open{kind="deaf"} 0`, `tandai_alarms_raised_total{kind="session"} 1`, `tandai_radar_sessions{state="learning"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if _, page := r.get("/?lang=en"); !strings.Contains(page, "cs1: does not work") {
		t.Errorf("the page does not tell of it:\n%s", page[strings.Index(page, "<main"):][:1500])
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if n := len(told); n != 0 {
		t.Errorf("told %d times more", n)
	}
	db, err := OpenStore(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var counted int64
	if err := db.(radarStore).ActivitySince(t.Context(), 0, func(a store.Activity) error { counted += a.Events; return nil }); err != nil || counted != 1 {
		t.Errorf("counted %d, %v; want the label alone", counted, err)
	}
	found := strings.Join(examine(t, cfg, "radar"), "\n")
	for _, want := range []string{"failed: session cs1 since ", "WAHA says FAILED", "numbers judged: 0, still learning (14 days are needed): 1, too quiet to judge: 0"} {
		if !strings.Contains(found, want) {
			t.Errorf("doctor does not say %q but\n%s", want, found)
		}
	}
	if got := examine(t, cfg, "alarms"); len(got) != 1 || got[0] != "ok: are sent to the webhook in alarms.webhook →" {
		t.Errorf("of alarms doctor says %q", got)
	}
}
