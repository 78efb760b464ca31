package config

import (
	"fmt"
	"strings"
	"time"
)

// Radar says how numbers are watched that fall silent. It needs no setting; with
// waha.url it also sees what WAHA itself says.
type Radar struct {
	// Enabled counts events, watches and gives alarms.
	Enabled bool `yaml:"enabled"`

	// Restart has WAHA restart a session that went deaf, at most RestartsPerDay
	// times a day and session, RestartPause apart. The API key needs the right
	// `control`.
	Restart        bool          `yaml:"restart"`
	RestartsPerDay int           `yaml:"restarts_per_day" min:"1" max:"24"`
	RestartPause   time.Duration `yaml:"restart_pause" min:"5m" max:"24h"`

	// SessionGrace is how long a session may be not WORKING, and WAHAGrace how
	// long WAHA may not answer, before that is an alarm.
	SessionGrace time.Duration `yaml:"session_grace" min:"30s" max:"24h"`
	WAHAGrace    time.Duration `yaml:"waha_grace" min:"30s" max:"24h"`

	// FalseAlarms is how many silences by mere chance may be taken for deafness:
	// of one number, a month. More of them find a deaf number sooner.
	FalseAlarms int `yaml:"false_alarms" min:"1" max:"30"`

	// Holidays are days on which a silence means little; DaysOff are more of
	// them, 2026-03-19.
	Holidays string   `yaml:"holidays" oneof:"indonesia none"`
	DaysOff  []string `yaml:"days_off"`

	// Ignore are sessions that are not watched.
	Ignore []string `yaml:"ignore"`
}

// Alarms says who is told of alarms beside the log, the page and the metrics.
type Alarms struct {
	Webhook AlarmWebhook `yaml:"webhook"`
}

// AlarmWebhook is where alarms are sent to as JSON; docs/operating.md describes it.
type AlarmWebhook struct {
	// URL is where to POST to, http:// or https://. Empty: nowhere.
	URL string `yaml:"url"`

	// Key signs the bodies, as WAHA's hmac.key does. Empty: not signed.
	Key     Secret `yaml:"key"`
	KeyFile string `yaml:"key_file"`
}

// AlarmDestination is the outbox's name for alarms.webhook.
const AlarmDestination = "alarms"

func defaultRadar() Radar {
	return Radar{
		Enabled: true, RestartsPerDay: 3, RestartPause: time.Hour, SessionGrace: 5 * time.Minute, WAHAGrace: 2 * time.Minute,
		FalseAlarms: 1, Holidays: "indonesia",
	}
}

func (l *loader) checkRadar() {
	r := &l.cfg.Radar
	for i, day := range r.DaysOff {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			l.problem(fmt.Sprintf("radar.days_off[%d]", i), "%s is no day; want it as 2026-03-19", show(day))
		}
	}
	for i, session := range r.Ignore {
		l.checkSessionName(fmt.Sprintf("radar.ignore[%d]", i), session)
	}
	if l.cfg.Alarms.Webhook.URL != "" {
		l.checkHook("alarms.webhook.url", l.cfg.Alarms.Webhook.URL)
	} else if l.cfg.Alarms.Webhook.Key.IsSet() {
		l.problem("alarms.webhook.url", "is missing, but there is a key for it; want http://host/path or https://host/path")
	}
	for i, d := range l.cfg.Relay.Destinations {
		if strings.EqualFold(d.Name, AlarmDestination) {
			l.problem(fmt.Sprintf("relay.destinations[%d].name", i), "%s is the name of alarms.webhook in the outbox; want another", show(d.Name))
		}
	}
}
