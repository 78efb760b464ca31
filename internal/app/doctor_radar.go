package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandai/internal/radar"
	"tandai/internal/store"
)

// radar says which alarms are open, and which numbers' silence would be noticed.
func (d *doctor) radar(ctx context.Context, db store.Store, sessions []store.SessionInfo) {
	cfg := d.cfg
	if !cfg.Radar.Enabled {
		d.add("radar", Warning, "Set radar.enabled, or watch by other means that numbers are heard.", "switched off: a number that goes deaf is noticed by nobody")
		return
	}
	rs, ok := db.(radarStore)
	if !ok {
		return
	}
	open, err := rs.OpenAlarms(ctx)
	if err != nil {
		d.add("radar", Failed, adviceFor(err), "alarms cannot be read: %v", err)
		return
	}
	for _, a := range open {
		since := time.UnixMilli(a.Since).In(cfg.Timezone.Location()).Format("2006-01-02 15:04")
		switch a.Kind {
		case store.AlarmDeaf:
			d.add("radar", Failed, "Does the phone work? Restart the session in WAHA, then `tandai reconcile`.", "session %s is silent since %s, although WAHA says it works", a.Subject, since)
		case store.AlarmSession:
			d.add("radar", Failed, "Look at the session in WAHA: pair it again, or start it.", "session %s since %s: WAHA says %s", a.Subject, since, a.Detail.Status)
		default:
			d.add("radar", Failed, "Is it running, and is waha.url right?", "WAHA %s does not answer since %s: %s", a.Subject, since, a.Detail.Error)
		}
	}
	looks, err := radar.Survey(ctx, rs, sessions, radar.Config{Zone: cfg.Location, Calendar: radarCalendar(cfg), Budget: float64(cfg.Radar.FalseAlarms)}, d.opt.Now().UnixMilli())
	if err != nil {
		d.add("radar", Failed, adviceFor(err), "counts cannot be read: %v", err)
		return
	}
	var ready []radar.Look
	learning, quiet, wary := 0, 0, 0
	for _, l := range looks {
		switch {
		case slices.Contains(cfg.Radar.Ignore, l.Session):
		case l.State == radar.Ready:
			ready = append(ready, l)
			if l.Wary {
				wary++
			}
		case l.State == radar.Quiet:
			quiet++
		default:
			learning++
		}
	}
	saw := fmt.Sprintf("numbers judged: %d, still learning (%d days are needed): %d, too quiet to judge: %d", len(ready), radar.MinDays, learning, quiet)
	if len(ready) > 0 {
		slowest := slices.MaxFunc(ready, func(a, b radar.Look) int { return int(a.NoticeAfter - b.NoticeAfter) })
		saw += fmt.Sprintf("; a silence at work is noticed after %s at the latest (%s)", slowest.NoticeAfter.Round(time.Minute), slowest.Session)
	}
	do := ""
	if wary > 0 {
		saw += fmt.Sprintf("; %d often have days without any event, so that going deaf overnight is noticed late", wary)
		do = "With message.any (waha.messages) leads' own messages count too, and a day off is no silence any more."
	}
	d.add("radar", OK, do, "%s", saw)
	if cfg.Alarms.Webhook.URL == "" {
		d.add("alarms", OK, "Set alarms.webhook.url to have them sent to people.", "go to the log, the page and the metrics; no webhook is set")
	} else {
		d.add("alarms", OK, "", "are sent to the webhook in alarms.webhook")
	}
}
