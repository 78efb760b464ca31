package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tandai/internal/connect"
	"tandai/internal/feed"
	"tandai/internal/inbox"
	"tandai/internal/waha/rest"
)

// waha asks every WAHA server: is it there, does it know the key, and does what it
// sends come here?
func (d *doctor) waha(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	c, err := ReadConnections(ctx, d.cfg, ConnectOptions{URL: d.opt.URL})
	if errors.Is(err, ErrNoWAHA) {
		d.add("waha", Skipped, "Set waha.url and waha.api_key: labels lost on the way are found, and hidden numbers told, by asking WAHA.", "no address of WAHA is configured")
		return
	}
	if err != nil {
		d.add("waha", Failed, "", "%v", err)
		return
	}
	defer c.Close()
	for _, s := range c.Servers {
		d.wahaServer(ctx, s)
	}
	d.doubled(ctx)
}

func (d *doctor) wahaServer(ctx context.Context, s *ConnectServer) {
	title := "WAHA at " + s.URL
	if s.Name != "" {
		title = "WAHA server " + s.Name + " at " + s.URL
	}
	if len(s.names) == 0 && s.Error != "" { // not even the list of sessions
		d.add("waha", Failed, "", "%s: %s", title, s.Error)
		return
	}
	about := ""
	if v, err := s.client.Version(ctx); err == nil {
		about = fmt.Sprintf(", version %s %s %s", v.Version, v.Engine, v.Tier)
	}
	switch {
	case s.server.APIKey.IsSet():
		d.add("waha", OK, "", "%s answers%s; the key is accepted; sessions: %d. Whether the key may change them (the right \"setting\") shows only when `tandai waha connect` does", title, about, len(s.names))
	default:
		d.add("waha", Warning, "Set WAHA's API key (WAHA_API_KEY), and waha.api_key here.", "%s answers%s without any key: whoever reaches it can read and write all chats", title, about)
	}
	if s.Error != "" {
		d.add("webhook", Failed, "", "%s: %s", title, s.Error)
	}
	if s.server.Feed == "websocket" {
		d.socket(ctx, s, title)
	}
	if s.Hook != "" {
		d.hook(ctx, s)
	}
	d.wahaClock(ctx, s, title)
	for _, l := range s.Sessions {
		d.session(ctx, s, l)
	}
	d.lookups(ctx, s, title)
}

// hook tries, from here, the address WAHA is to send to.
func (d *doctor) hook(ctx context.Context, s *ConnectServer) {
	k := newKnocker(s.Hook)
	got, err := k.knock(ctx, http.MethodGet, "", nil)
	switch {
	case err != nil:
		d.add("webhook", Warning, "From here it may look otherwise than from WAHA. There, curl -i "+s.Hook+" must answer 405 and {\"result\":\"rejected\", …}", "%s, where WAHA is to send, cannot be reached from here: %v", s.Hook, err)
		return
	case got.redirect():
		d.add("webhook", Failed, redirected, "%s redirects to %s", s.Hook, got.location)
		return
	case got.code != http.StatusMethodNotAllowed || !got.ours:
		d.add("webhook", Failed, "Does this address lead to Tandai, or does something else answer?", "%s answers a GET with %d and %q, not as Tandai's door does", s.Hook, got.code, got.begin)
		return
	case len(s.want.Keys) == 0:
		return // the door has said so
	}
	for i, key := range s.want.Keys {
		name := "the key"
		if len(s.want.Keys) > 1 {
			name = fmt.Sprintf("key %d of %d", i+1, len(s.want.Keys))
		}
		switch got, err := k.knock(ctx, http.MethodPost, probeBody, probeHeader(key)); {
		case err != nil:
			d.add("webhook", Failed, "Something between lets a GET through, but no POST: check the proxy.", "%s: a signed probe did not get through: %v", s.Hook, err)
		case got.redirect():
			d.add("webhook", Failed, redirected, "%s redirects a signed probe to %s", s.Hook, got.location)
		case got.code == http.StatusUnauthorized && got.ours:
			d.add("webhook", Failed, "Restart the Tandai that runs there with this configuration.", "%s does not believe a probe signed with %s", s.Hook, name)
		case got.code == http.StatusOK && got.ours:
			d.add("webhook", OK, "", "%s believes a probe signed with %s, which it does not store", s.Hook, name)
		default:
			d.add("webhook", Failed, "Does a proxy change the body, or treat a POST otherwise than a GET?", "%s answers a signed probe with %d and %q, want 200", s.Hook, got.code, got.begin)
		}
	}
}

// socket tries WAHA's websocket, where it is read.
func (d *doctor) socket(ctx context.Context, s *ConnectServer, title string) {
	f, err := feed.New(feed.Config{URL: s.URL, Key: s.server.APIKey.Reveal(), Events: connect.Events(false), Inbox: nowhere{}})
	if err == nil {
		err = f.Try(ctx)
	}
	if err != nil {
		d.add("websocket", Failed, "Events of this server do not come until it is mended.", "%s: %v", title, err)
		return
	}
	d.add("websocket", OK, "", "%s lets us listen", title)
}

// wahaClock compares WAHA's Date header with our clock. What it says is exact to
// the second.
func (d *doctor) wahaClock(ctx context.Context, s *ConnectServer, title string) {
	for _, l := range s.Sessions {
		// Whether the session works does not matter: any answer has a date.
		_, asked, _ := s.client.Labels(ctx, l.name)
		if asked.Date == 0 {
			continue
		}
		ahead := time.Duration(asked.Date-asked.At) * time.Millisecond
		if ahead < -3*time.Second || ahead > 20*time.Second { // the answer may have taken its time
			d.add("clock", Warning, "Let both machines follow a time server: the times of label changes are WAHA's.", "the clock of %s and this machine's differ by %s", title, ahead.Round(time.Second))
		}
		return
	}
}

// session looks at one session: what WAHA has of it, and what its engine can do.
func (d *doctor) session(ctx context.Context, s *ConnectServer, l *ConnectLink) {
	const again = "`tandai waha connect` puts it right."
	name := "session " + l.Session
	if l.Error != "" {
		d.add("session", Failed, "", "%s: %s", name, l.Error)
		return
	}
	bad := false
	say := func(v Verdict, do, saw string, args ...any) {
		bad = true
		d.add("session", v, do, name+": "+saw, args...)
	}
	fresh := len(l.Changes) > 0 && l.Changes[0].Field == connect.FieldWebhook && l.Changes[0].From == ""
	switch {
	case fresh && l.arrived: // which a note says
	case fresh:
		say(Failed, again, "WAHA sends nothing of it here: none of its hooks leads to %s", s.Hook)
	default:
		for _, c := range l.Changes {
			lacks(say, c, again)
		}
	}
	for _, n := range l.Notes {
		say(Warning, "", "%s", n)
	}
	if _, _, err := s.client.Labels(ctx, l.name); errors.Is(err, rest.ErrForbidden) {
		say(Failed, "Give the key the right \"read\" for this session (POST /api/keys), or use one that has it.", "%v", err)
	}
	if !bad {
		how := "its hook is ours, signed, and tries for more than an hour"
		if s.Hook == "" {
			how = "read by websocket"
		}
		d.add("session", OK, "", "%s: %s %s; %s", name, l.Engine, l.Status, how)
	}
}

// lacks says what one change would mend.
func lacks(say func(v Verdict, do, saw string, args ...any), c connect.Change, again string) {
	switch c.Field {
	case connect.FieldWebhook:
		say(Warning, again, "two of its hooks lead here, so everything comes twice: %s", c.From)
	case connect.FieldURL:
		say(Failed, again, "its hook leads to %s, not to %s", c.From, c.To)
	case connect.FieldKey:
		if c.From == "" {
			say(Failed, again, "its hook is not signed: everything is refused")
		} else if strings.HasPrefix(c.From, "another key") {
			say(Warning, again, "its hook is signed with a key that is being replaced")
		} else {
			say(Failed, again, "its hook is signed with another key: everything is refused")
		}
	case connect.FieldEvents:
		say(Failed, again, "its hook does not ask for all events: it has %s; want %s", c.From, c.To)
	case connect.FieldRetries:
		say(Warning, again, "its hook gives up too soon (%s): a restart of ours, or a full disk, would cost labels", c.From)
	default:
		say(Warning, again, "%s is %s", c.Field, c.From)
	}
}

// doubled tells, by what the running server has counted, whether WAHA sends
// everything twice. WAHA shows hooks of its environment to nobody, so this is how
// a double configuration is seen.
func (d *doctor) doubled(ctx context.Context) {
	stored, known, ok := d.counted(ctx)
	if !ok || stored < 20 {
		return
	}
	if known*3 > stored*2 {
		d.add("webhook", Warning, "Keep the hook of the sessions or WHATSAPP_HOOK_URL, not both; or the websocket beside either. It is harmless, and costs twice the work.",
			"since its start, serve has stored %.0f deliveries and known %.0f already: everything seems to come twice", stored, known)
	}
}

// counted reads how many deliveries the serve of this configuration has stored and
// known since its start.
func (d *doctor) counted(ctx context.Context) (stored, known float64, ok bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialAddr(d.cfg.Addr)+"/metrics", nil)
	if err != nil {
		return 0, 0, false
	}
	if token := d.cfg.Metrics.Token; token.IsSet() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return 0, 0, false
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(io.LimitReader(res.Body, 4<<20))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch name {
		case `tandai_intake_requests_total{result="stored"}`:
			stored, ok = n, true
		case `tandai_intake_requests_total{result="known"}`:
			known = n
		}
	}
	return stored, known, ok && lines.Err() == nil
}

// nowhere is the inbox of a feed that only tries.
type nowhere struct{}

func (nowhere) Put(context.Context, inbox.Item) (bool, error) { return false, inbox.ErrUnavailable }
