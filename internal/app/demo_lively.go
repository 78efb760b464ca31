package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// What a demo shows of a world that is not perfect: of its webhooks so many are
// lost, and of what is passed on to one of its destinations so many are refused
// at first.
const (
	demoLost    = 0.03
	demoRefused = 5 // every fifth
)

// demoConfirm is how long a demo waits before a difference is believed, and
// demoCompare how long before its daily comparison: nobody watches one for a day.
const (
	demoConfirm = 20 * time.Second
	demoCompare = 2 * time.Minute
)

// lively sets the demo up so that each part of its pages has something to show.
func (d *Demo) lively(sim *demoWAHA, guests *demoGuests, now time.Time) error {
	d.cfg.Reconcile.ConfirmAfter = demoConfirm
	soon := now.Add(demoCompare + time.Minute).In(d.cfg.Timezone.Location()) // of which only the minute counts
	d.cfg.Reconcile.DailyAt = config.TimeOfDay(soon.Format("15:04"))
	d.cfg.Relay.Destinations = []config.Destination{
		{Name: "n8n", URL: guests.url() + "/n8n", Key: config.NewSecret(d.key)},
		{Name: "gudang-data", URL: guests.url() + "/gudang-data", Key: config.NewSecret(d.key), Enrich: true},
	}
	return sim.node.Break(wahasim.Trouble{Fault: wahasim.Lost, Share: demoLost})
}

// rememberAlarm writes an alarm that was over before the demo begins: a number
// that nothing was heard of for some hours the day before, although WAHA said
// that it works.
func (d *Demo) rememberAlarm(ctx context.Context, db store.RadarStore) error {
	clients := d.agency.Clients()
	sessions := clients[len(clients)-1].Sessions
	at := func(before time.Duration) int64 { return d.opt.End.Add(-before).UnixMilli() }
	recovered := 4
	a := store.Alarm{
		ID: "de30000000000000000000000000a1a2", Kind: store.AlarmDeaf, Subject: sessions[len(sessions)-1].Name,
		Since: at(27 * time.Hour), RaisedAt: at(25 * time.Hour), ChangedAt: at(25 * time.Hour), Revision: 1,
		Detail: store.AlarmDetail{Status: "WORKING", Expected: 23},
	}
	if _, err := db.RaiseAlarm(ctx, a); err != nil {
		return err
	}
	was := a.ChangedAt
	a.ClearedAt, a.ChangedAt, a.Revision = at(24*time.Hour), at(24*time.Hour), 2
	a.Detail.Cleared, a.Detail.Recovered = store.ClearedEvents, &recovered
	_, err := db.SaveAlarm(ctx, a, was)
	return err
}

// demoGuests are the systems that a demo passes events on to. They keep nothing.
type demoGuests struct {
	listen net.Listener
	asked  atomic.Int64
}

func newDemoGuests() (*demoGuests, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &demoGuests{listen: l}, nil
}

func (g *demoGuests) url() string { return "http://" + g.listen.Addr().String() }

// ServeHTTP takes everything at /n8n, and most at /gudang-data.
func (g *demoGuests) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/gudang-data" && g.asked.Add(1)%demoRefused == 0 {
		http.Error(w, "busy loading", http.StatusServiceUnavailable)
	}
}

// run answers until ctx ends.
func (g *demoGuests) run(ctx context.Context) error {
	server := &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(g.listen); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
