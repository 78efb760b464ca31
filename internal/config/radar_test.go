package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRadar_problems(t *testing.T) {
	_, err := loadText(t, `
radar: {false_alarms: 0, holidays: lebaran, days_off: [2026-03-19, 19-03-2026], ignore: ["no session"], waha_grace: 1s}
alarms: {webhook: {key: k}}
relay: {destinations: [{name: Alarms, url: "http://n8n"}]}
`, nil)
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		"radar.false_alarms at tandai.yaml:2: 0; want 1 to 30",
		`radar.holidays at tandai.yaml:2: "lebaran"; want indonesia or none`,
		`radar.days_off[1] at tandai.yaml:2: "19-03-2026" is no day; want it as 2026-03-19`,
		`radar.ignore[0] at tandai.yaml:2: "no session" is no name of a session`,
		"radar.waha_grace at tandai.yaml:2: 1s; want 30s to 24h",
		"alarms.webhook.url at tandai.yaml:3: is missing, but there is a key for it",
		`relay.destinations[0].name at tandai.yaml:4: "Alarms" is the name of alarms.webhook in the outbox`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestRadar_taken(t *testing.T) {
	cfg, err := loadText(t, `
radar: {restart: true, restarts_per_day: 2, restart_pause: 30m, days_off: [2026-03-19], ignore: [test_1]}
alarms: {webhook: {url: "https://hooks.example.com/a?b=c", key: k}}
`, map[string]string{"TANDAI_RADAR_SESSION_GRACE": "10m"})
	if err != nil {
		t.Fatal(err)
	}
	want := defaultRadar()
	want.Restart, want.RestartsPerDay, want.RestartPause, want.SessionGrace = true, 2, 30*time.Minute, 10*time.Minute
	want.DaysOff, want.Ignore = []string{"2026-03-19"}, []string{"test_1"}
	if diff := cmp.Diff(want, cfg.Radar); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := cfg.Alarms.Webhook; w.URL != "https://hooks.example.com/a?b=c" || w.Key.Reveal() != "k" {
		t.Errorf("webhook %v", w.URL)
	}
}
