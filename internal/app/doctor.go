package app

import (
	"context"
	"fmt"
	"time"

	"tandai/internal/config"
)

// Verdict is how a check came out.
type Verdict string

// A warning is something that works and may not be meant; a failure is something
// that does not work.
const (
	OK      Verdict = "ok"
	Warning Verdict = "warning"
	Failed  Verdict = "failed"
	Skipped Verdict = "skipped"
)

// Finding is one thing doctor looked at.
type Finding struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Saw     string  `json:"saw"`
	Do      string  `json:"do,omitempty"` // what to do about it
}

// DoctorOptions say where to look beside the configuration.
type DoctorOptions struct {
	// URL of a running Tandai whose door is tried, as WAHA sees it; "" = the
	// configured address on this machine.
	URL     string
	Environ []string
	Now     func() time.Time // time.Now when nil
}

// doctor looks at one set-up.
type doctor struct {
	cfg      *config.Config
	opt      DoctorOptions
	findings []Finding
}

// Examine looks at everything that can be wrong with a set-up, and writes nothing
// but what its checks need: a file in the data folder that is removed again.
func Examine(ctx context.Context, cfg *config.Config, opt DoctorOptions) []Finding {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	d := &doctor{cfg: cfg, opt: opt}
	d.configuration()
	d.keys()
	d.folder()
	d.inbox(ctx)
	d.database(ctx)
	d.door(ctx)
	d.waha(ctx)
	return d.findings
}

func (d *doctor) add(check string, v Verdict, do, saw string, args ...any) {
	d.findings = append(d.findings, Finding{Check: check, Verdict: v, Saw: Mask(fmt.Sprintf(saw, args...)), Do: do})
}

func (d *doctor) configuration() {
	file := d.cfg.File()
	if file == "" {
		file = "no file"
	}
	sessions := 0
	for _, c := range d.cfg.Clients {
		sessions += len(c.Sessions)
	}
	d.add("configuration", OK, "", "%s; clients: %d, sessions: %d; data in %s; database %s; days of %s",
		file, len(d.cfg.Clients), sessions, d.cfg.DataDir, d.cfg.Database, d.cfg.Timezone)
	for _, w := range d.cfg.Warnings() {
		d.add("configuration", Warning, "", "%s", w)
	}
	for _, w := range config.UnknownEnv(d.opt.Environ) {
		d.add("configuration", Warning, "Correct or unset it.", "%s", w)
	}
	if now := d.opt.Now(); now.Year() < 2025 || now.Year() > 2100 {
		d.add("clock", Failed, "Set this machine's clock; events from the future are quarantined.", "this machine's clock says %s", now.UTC().Format(time.RFC3339))
	} else {
		d.add("clock", OK, "", "%s; %s in %s", now.UTC().Format(time.RFC3339), now.In(d.cfg.Timezone.Location()).Format("15:04"), d.cfg.Timezone)
	}
}

func (d *doctor) keys() {
	const do = "Set waha.hmac_key (TANDAI_WAHA_HMAC_KEY) and the same key in WAHA's webhook."
	for _, s := range d.cfg.AllServers() {
		name := "WAHA"
		if s.Name != "" {
			name = "WAHA server " + s.Name
		}
		switch n := len(s.HMACKey); {
		case n > 1:
			d.add("signature", OK, "", "%s may sign with %d keys; remove the old one when all hooks use the new", name, n)
		case n == 1:
			d.add("signature", OK, "", "%s signs with a key", name)
		case d.cfg.Loopback():
			d.add("signature", Warning, do, "no key for %s: whoever reaches %s can write", name, d.cfg.Addr)
		default:
			d.add("signature", Failed, do, "no key for %s, and %s can be reached from elsewhere: serve refuses to start", name, d.cfg.Addr)
		}
	}
}
