package demo

import (
	"errors"
	"slices"
	"sync"
	"time"

	"tandai/internal/waha/wahasim"
)

// Config of the agency. Only End is needed.
type Config struct {
	Seed  uint64
	End   time.Time // the history stops here; a later end on the same day (Jakarta) only adds to it
	Days  int       // length of the history; 90 when 0
	Leads int       // about how many new leads in it; 3,000 when 0
}

// Client is what a configuration must say of one client.
type Client struct {
	Name, Timezone string
	Ignore         []string // numbers of its staff, digits
	Grades         []string // best first
	Won, Lost      []string
	Sessions       []Session
}

// Session is what a configuration must say of one WAHA session.
type Session struct {
	Name   string
	CS     string // "CS 1"
	Number string // digits
	Engine string // "GOWS", "NOWEB", "WPP"; for people to read
}

// Agency is a believable agency. History and Live are for one goroutine at a
// time; Clients and Truth may be called at any time.
type Agency struct {
	cfg Config

	mu    sync.Mutex
	world *world // of the last History
}

// New checks the configuration.
func New(cfg Config) (*Agency, error) {
	if cfg.End.IsZero() {
		return nil, errors.New("demo: the end of the history is needed")
	}
	if cfg.Days < 0 || cfg.Leads < 0 {
		return nil, errors.New("demo: days and leads cannot be negative")
	}
	if cfg.Days == 0 {
		cfg.Days = 90
	}
	if cfg.Leads == 0 {
		cfg.Leads = 3000
	}
	return &Agency{cfg: cfg}, nil
}

// Clients is the configuration the agency's data is meant for.
func (a *Agency) Clients() []Client {
	var all []Client
	for _, b := range brands() {
		c := Client{Name: b.name, Timezone: b.timezone, Ignore: b.ignore, Grades: b.names[slotA : slotE+1 : slotE+1], Won: b.won, Lost: b.lost}
		for _, s := range b.seats {
			c.Sessions = append(c.Sessions, Session{s.session, s.cs, s.number, string(s.engine)})
		}
		all = append(all, c)
	}
	return all
}

// History yields the past, ordered by time, one event at a time: nothing missing,
// nothing twice. It needs memory for the stories that are still open and for
// what the phones show, not for the events. Every call begins anew and yields
// the same bytes.
func (a *Agency) History(yield func(wahasim.Event) bool) {
	w := newWorld(a.cfg)
	a.mu.Lock()
	a.world = w
	a.mu.Unlock()
	w.history(yield)
}

// current is the world Live goes on with, at the end of its history.
func (a *Agency) current() *world {
	a.mu.Lock()
	w := a.world
	if w == nil {
		w = newWorld(a.cfg)
		a.world = w
	}
	a.mu.Unlock()
	w.history(func(wahasim.Event) bool { return true }) // what nobody has asked for yet
	return w
}

// Server is the simulated WAHA that the phones are on, at the end of the history:
// what is left of a History that was not read to its end is passed over.
func (a *Agency) Server() *wahasim.Server { return a.current().srv }

// Truth is what the phones show by now, as a correct receiver with the Clients'
// configuration must see it: without the numbers on ignore lists.
func (a *Agency) Truth() []wahasim.Active {
	a.mu.Lock()
	w := a.world
	a.mu.Unlock()
	if w == nil {
		return nil
	}
	return slices.DeleteFunc(w.srv.Truth(), func(v wahasim.Active) bool { return w.staff[v.Lead] })
}
