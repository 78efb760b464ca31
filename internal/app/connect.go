package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tandai/internal/config"
	"tandai/internal/connect"
	"tandai/internal/inbox"
	"tandai/internal/waha/rest"
)

// ConnectOptions say what to connect, and how, beside the configuration.
type ConnectOptions struct {
	Sessions   []string // as Tandai knows them; none: all
	URL        string   // Tandai's address as WAHA sees it; "" = as configured
	Replace    []string // addresses whose hooks become ours
	Messages   bool     // ask for message.any, though the configuration does not
	NowebStore bool     // switch NOWEB's store on
	Key        string   // to sign with, where none is configured
	KeyName    string   // what Key is called where it must not be shown
	NoKey      bool     // go without a key
}

// ConnectServer is one WAHA server and what has to change there.
type ConnectServer struct {
	Name     string         `json:"server"` // "" for one without a name
	URL      string         `json:"url"`
	Hook     string         `json:"webhook"`      // where its webhooks are to go
	From     string         `json:"webhook_from"` // who says so: configured, found (in WAHA) or guessed
	Notes    []string       `json:"notes"`
	Error    string         `json:"error,omitempty"` // nothing can be done about this server
	Sessions []*ConnectLink `json:"sessions"`

	server wahaServer
	client *rest.Client
	want   connect.Want
	names  []string // of all its sessions, asked for or not, as Tandai knows them
}

// ConnectLink is one session: what has to change, and what became of it.
type ConnectLink struct {
	Session string           `json:"session"` // as Tandai knows it
	Status  string           `json:"status"`
	Engine  string           `json:"engine"`
	Changes []connect.Change `json:"changes"`
	Notes   []string         `json:"notes"`
	Written bool             `json:"written"`
	Heard   string           `json:"heard,omitempty"`  // the first event that came since
	Silent  bool             `json:"silent,omitempty"` // none came in time
	Error   string           `json:"error,omitempty"`

	server  *ConnectServer
	name    string // WAHA's
	arrived bool   // something of it arrived within a day, though none of its hooks leads here
	want    connect.Want
	after   int64 // the newest delivery of the inbox before it was written
}

// Connector connects the sessions of WAHA with this Tandai.
type Connector struct {
	cfg     *config.Config
	opt     ConnectOptions
	inbox   *inbox.Inbox // nil where there is none here
	Servers []*ConnectServer
}

// ErrNoWAHA: there is nobody to ask.
var ErrNoWAHA = errors.New("no WAHA server has an address: set waha.url and waha.api_key (TANDAI_WAHA_URL, TANDAI_WAHA_API_KEY)")

// ReadConnections asks all servers for their sessions and works out what has to
// change. It writes nothing. What is wrong with one server or session is in its
// Error. Close it after use.
func ReadConnections(ctx context.Context, cfg *config.Config, opt ConnectOptions) (*Connector, error) {
	c := &Connector{cfg: cfg, opt: opt}
	var asked bool
	for _, w := range wahaServers(cfg) {
		if w.URL == "" {
			continue
		}
		asked = true
		if c.wanted(w) {
			c.Servers = append(c.Servers, &ConnectServer{Name: w.Name, URL: w.URL, Notes: []string{}, Sessions: []*ConnectLink{}, server: w})
		}
	}
	if !asked {
		return nil, ErrNoWAHA
	}
	for _, name := range opt.Sessions {
		server, _, further := strings.Cut(name, ".")
		if further && !slices.ContainsFunc(c.Servers, func(s *ConnectServer) bool { return s.server.known == server }) {
			return nil, fmt.Errorf("session %s: no WAHA server is configured under the name %q, with an address", name, server)
		}
	}
	if inboxExists(cfg) == nil { // where it cannot be opened nothing is seen to arrive: doctor says why
		c.inbox, _ = OpenInbox(ctx, cfg, slog.New(slog.DiscardHandler))
	}
	for _, s := range c.Servers {
		if err := c.read(ctx, s); err != nil {
			s.Error = Mask(err.Error())
		}
	}
	err := ctx.Err()
	if err == nil {
		err = c.missing()
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// wanted tells whether a server can have any of the sessions asked for.
func (c *Connector) wanted(w wahaServer) bool {
	return len(c.opt.Sessions) == 0 || slices.ContainsFunc(c.opt.Sessions, func(name string) bool {
		server, _, further := strings.Cut(name, ".")
		if !further {
			server = ""
		}
		return server == w.known
	})
}

// missing is the error of sessions that were asked for and are not there, as far
// as WAHA could be asked.
func (c *Connector) missing() error {
	var names []string
	for _, s := range c.Servers {
		if s.Error != "" {
			return nil
		}
		names = append(names, s.names...)
	}
	for _, name := range c.opt.Sessions {
		if !slices.Contains(names, name) {
			return fmt.Errorf("WAHA has no session %q; there are: %s", name, cmp.Or(strings.Join(names, ", "), "none"))
		}
	}
	return nil
}

// read asks one server.
func (c *Connector) read(ctx context.Context, s *ConnectServer) error {
	w := s.server
	var err error
	if s.client, err = w.client(); err != nil {
		return err
	}
	sessions, err := s.client.Sessions(ctx)
	if errors.Is(err, rest.ErrForbidden) {
		sessions, err = c.oneByOne(ctx, s, err)
	}
	if err != nil {
		return wahaAdvice(err)
	}
	var chosen []rest.Session
	for _, one := range sessions {
		name := w.sessionName(one.Name)
		s.names = append(s.names, name)
		if len(c.opt.Sessions) == 0 || slices.Contains(c.opt.Sessions, name) {
			chosen = append(chosen, one)
		}
	}
	if w.Feed == "websocket" && c.opt.URL == "" {
		s.Notes = append(s.Notes, "it is read by websocket (waha.feed), so no webhooks are set; --url sets them all the same")
	} else if err := c.address(s, sessions); err != nil {
		return err
	}
	s.want = connect.Want{
		URL: s.Hook, Aliases: w.aliases(s.Hook), Keys: w.HMACKey.Reveal(), Replace: c.opt.Replace,
		Messages: c.opt.Messages || w.Messages, NowebStore: c.opt.NowebStore,
	}
	if len(s.want.Keys) == 0 && c.opt.Key != "" {
		s.want.Keys, s.want.KeyName = []string{c.opt.Key}, c.opt.KeyName
	}
	usual := ""
	if v, err := s.client.Version(ctx); err == nil {
		usual = v.Engine
	}
	for _, one := range chosen {
		if one.Engine == "" { // the list does not say
			if single, err := s.client.Session(ctx, one.Name); err == nil {
				one.Engine = single.Engine
			}
		}
		s.Sessions = append(s.Sessions, c.link(ctx, s, one, usual))
	}
	if len(sessions) == 0 {
		s.Notes = append(s.Notes, "it has no sessions yet: make one in its dashboard, scan the QR code, and run this again")
	}
	return nil
}

// Who says where webhooks are to go.
const (
	FromConfigured = "configured" // by setting or flag
	FromFound      = "found"      // one address, signed with our key, is what WAHA has
	FromGuessed    = "guessed"    // both are on this machine
)

// address finds out where a server is to send its webhooks. What works already is
// not replaced by a guess: from a container, WAHA sees other addresses than we do.
func (c *Connector) address(s *ConnectServer, sessions []rest.Session) (err error) {
	w := s.server
	configured, guessed, err := w.hookAddress(c.cfg, c.opt.URL)
	if err != nil {
		return err
	}
	if configured != "" {
		s.Hook, s.From = configured, FromConfigured
		return nil
	}
	var found []string
	for _, one := range sessions {
		found = append(found, connect.Found(one.Config, w.Name, w.HMACKey.Reveal())...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	const say = "set waha.webhook_url, or say --url http://tandai:8080 (from a container: the host's name, or host.docker.internal)"
	switch {
	case len(found) == 1:
		s.Hook, s.From = found[0], FromFound
	case len(found) > 1:
		return fmt.Errorf("its sessions send to several addresses with our key (%s): say which is right: %s", strings.Join(found, ", "), say)
	case guessed != "":
		s.Hook, s.From = guessed, FromGuessed
	default:
		return errors.New("nobody has said under which address WAHA reaches this Tandai: " + say)
	}
	return nil
}

// link works out what one session lacks.
func (c *Connector) link(ctx context.Context, s *ConnectServer, one rest.Session, usual string) *ConnectLink {
	l := &ConnectLink{
		Session: s.server.sessionName(one.Name), Status: one.Status, Engine: cmp.Or(one.Engine, usual),
		Changes: []connect.Change{}, Notes: []string{}, server: s, name: one.Name, want: s.want,
	}
	l.want.NowebStore = l.want.NowebStore && l.Engine != "GOWS" && l.Engine != "WEBJS" && l.Engine != "WPP"
	plan, err := connect.Make(one.Config, l.want)
	if err != nil {
		l.Error = err.Error() + ": set the webhook in WAHA's dashboard"
		return l
	}
	l.Changes = append(l.Changes, plan.Changes...)
	l.Notes = append(append(l.Notes, plan.Notes...), engineNotes(l.Engine, one.Status, plan.Config)...)
	if len(plan.Changes) > 0 && plan.Changes[0].Field == connect.FieldWebhook && plan.Changes[0].From == "" && c.arrivedLately(ctx, l.Session) {
		l.arrived = true
		l.Notes = append(l.Notes, "its events come here already, though none of its hooks leads here: a hook for all sessions (WHATSAPP_HOOK_URL, which WAHA does not show) or one at another address sends them. With this one as well everything comes twice, which is harmless: it is known by its id. Keep one")
	}
	return l
}

// engineNotes says what an engine and a status mean for labels.
func engineNotes(engine, status string, config []byte) (notes []string) {
	switch engine {
	case "NOWEB":
		if !connect.StoreOn(config) {
			notes = append(notes, "NOWEB without its store sends no label events at all: --noweb-store switches it on (config.noweb.store.enabled)")
		}
	case "WEBJS":
		notes = append(notes, "WEBJS sends no label events: labels are read from WAHA every few minutes (reconcile.poll_every). GOWS sends them at once")
	case "WPP":
		notes = append(notes, "WPP does not tell when a label is renamed or deleted: that is found by reconciliation")
	}
	if status != "WORKING" {
		notes = append(notes, "the session is "+cmp.Or(status, "in an unknown status")+", not WORKING: no label events come until it is")
	}
	return notes
}

// arrivedLately tells whether anything of a session was received within a day.
func (c *Connector) arrivedLately(ctx context.Context, session string) bool {
	if c.inbox == nil {
		return false
	}
	list, _, err := c.inbox.Range(ctx, inbox.Filter{Since: time.Now().Add(-24 * time.Hour).UnixMilli(), Sessions: []string{session}}, 0, 1)
	return err == nil && len(list) > 0
}

// Open are the sessions that lack something and could be given it.
func (c *Connector) Open() (list []*ConnectLink) {
	for _, s := range c.Servers {
		if s.Error != "" {
			continue
		}
		for _, l := range s.Sessions {
			if l.Error == "" && len(l.Changes) > 0 {
				list = append(list, l)
			}
		}
	}
	return list
}

// Unsigned are the servers for which there is no key.
func (c *Connector) Unsigned() (list []*ConnectServer) {
	for _, s := range c.Servers {
		if s.Error == "" && s.Hook != "" && len(s.want.Keys) == 0 {
			list = append(list, s)
		}
	}
	return list
}

// Failed tells whether anything could not be read, written or heard.
func (c *Connector) Failed() bool {
	for _, s := range c.Servers {
		if s.Error != "" || slices.ContainsFunc(s.Sessions, func(l *ConnectLink) bool { return l.Error != "" || l.Silent }) {
			return true
		}
	}
	return false
}

// Close closes what was opened.
func (c *Connector) Close() error {
	if c.inbox == nil {
		return nil
	}
	return c.inbox.Close()
}

// wahaAdvice adds what to do to an error of a WAHA server.
func wahaAdvice(err error) error {
	switch {
	case errors.Is(err, rest.ErrUnauthorized):
		return fmt.Errorf("%w: correct waha.api_key", err)
	case errors.Is(err, rest.ErrForbidden):
		return fmt.Errorf("%w: give it that right in WAHA (POST /api/keys), or use a key that has it", err)
	case errors.Is(err, rest.ErrUnreachable):
		return fmt.Errorf("%w: is WAHA running, and is waha.url its address?", err)
	case errors.Is(err, rest.ErrNotFound):
		return fmt.Errorf("%w: is waha.url WAHA's address?", err)
	}
	return err
}
