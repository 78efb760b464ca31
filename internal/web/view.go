package web

import (
	"net/http"
	"strings"
	"time"

	"tandai/internal/report"
)

// pageView is the whole page. All strings are ready to be shown.
type pageView struct {
	T                         *Texts
	Other                     *Texts // the language not shown
	Style, Script, Font, Icon string // addresses
	Fragment                  string // address of the part that changes
	RefreshSeconds            int    // for readers without scripts
	RefreshMs                 int64
	Updated                   string // "Updated 12:03:04"
	Version                   string
	Path, Heading             string // of this page
	Pages                     []pageLink
	Now                       nowView
	System                    *systemView // not nil: the system page
}

type pageLink struct {
	Path, Name string
	Here       bool
}

// nowView is the part of the page that changes.
type nowView struct {
	T        *Texts
	Clock    string // when it was made, for the script
	Build    string // of the style sheet and script it was made for
	Zone     string
	Notices  []noticeView
	Empty    *emptyView // not nil: nothing has arrived yet
	Tiles    []tileView
	Chart    chartView
	Database databaseView
	Active   activeView
	Recent   recentView
	Skipped  skippedView
	Held     heldView
	Sessions sessionsView
}

// sectionView heads every card: the finding, how it was found, and whether it
// is of this moment.
type sectionView struct {
	Title string
	AsOf  string // "as of 12:03:04"; "" = now
	Known bool   // false: nothing was ever read, and there is nothing to show
}

type noticeView struct {
	Kind, Title, Text, Details string // Kind: bad or warn
}

type tileView struct {
	Name, Value, Unit, Note string
	Kind                    string // "", good or bad: of the note
	AsOf                    string
}

type databaseView struct {
	State, Kind, Since    string // Kind: good, warn or bad
	Rows                  []rowView
	InboxState, InboxKind string
	InboxAsOf             string
	InboxRows             []rowView
}

type rowView struct{ Name, Value string }

// page is the frame of the page at path, without what it shows.
func (s *server) page(r *http.Request, texts *Texts, path string) pageView {
	v := pageView{
		T:              texts,
		Other:          other(texts),
		Style:          s.assets.url("tandai.css"),
		Script:         s.assets.url("tandai.js"),
		Font:           s.assets.url("inter.woff2"),
		Icon:           s.assets.url("mark.svg"),
		Fragment:       strings.TrimSuffix(path, "/") + "/now?lang=" + texts.Tag,
		RefreshSeconds: max(1, int(s.cfg.Refresh/time.Second)),
		RefreshMs:      s.cfg.Refresh.Milliseconds(),
		Version:        s.cfg.Version,
		Path:           path,
	}
	for _, p := range []pageLink{{Path: "/", Name: texts.Title}, {Path: "/system", Name: texts.System.Title}} {
		if p.Here = p.Path == path; p.Here {
			v.Heading = p.Name
		}
		v.Pages = append(v.Pages, p)
	}
	return v
}

// dated says when the page was made.
func (v pageView) dated(clock string) pageView {
	v.Updated = strings.Replace(v.T.Updated, "{0}", clock, 1)
	return v
}

func (s *server) now(r *http.Request, texts *Texts) nowView {
	n := s.cfg.Reports.Now(r.Context())
	l := locale{Texts: texts, zone: s.cfg.Zone}
	v := nowView{T: texts, Clock: l.clock(n.At), Build: s.assets.build(), Zone: l.fill(l.ZoneNote, l.zoneName(n.At)), Notices: append(notices(l, n), alarmNotices(l, n)...)}
	if n.Empty() {
		v.Empty = s.empty(r, l)
		return v
	}
	v.Tiles = tiles(l, n)
	v.Chart = chart(l, n)
	v.Database = database(l, n)
	v.Active = active(l, n)
	v.Recent = recent(l, n)
	v.Skipped = skipped(l, n)
	v.Held = held(l, n)
	v.Sessions = sessions(l, n)
	return v
}

// section heads a card made from a part of the answer: with what was found, or
// where nothing was ever read only with what it is about.
func section[T any](l locale, n report.Now, p report.Part[T], head, found string) sectionView {
	if !p.Known() {
		return sectionView{Title: head}
	}
	return sectionView{Title: found, Known: true, AsOf: asOf(l, n, p)}
}

func asOf[T any](l locale, n report.Now, p report.Part[T]) string {
	if !p.Stale(n.At) {
		return ""
	}
	return l.fill(l.AsOf, l.moment(p.At, n.At))
}

func notices(l locale, n report.Now) []noticeView {
	var all []noticeView
	if n.Accepting.Err != nil {
		all = append(all, noticeView{Kind: "bad", Title: l.RefusingTitle, Text: l.RefusingText, Details: maskText(n.Accepting.Err.Error())})
	} else if n.Queue.Err != nil {
		all = append(all, noticeView{Kind: "bad", Title: l.InboxTitle, Text: l.InboxText, Details: maskText(n.Queue.Err.Error())})
	}
	switch n.Database.State {
	case report.Away:
		text := l.AwayKept
		switch {
		case n.Accepting.Err != nil:
			text = l.AwayToo
		case !n.Totals.Known():
			text = l.AwayNever
		}
		all = append(all, noticeView{
			Kind: "bad", Title: l.fill(l.AwayTitle, l.moment(n.Database.Since, n.At)), Text: text, Details: maskText(n.Database.Err.Error()),
		})
	case report.Migrating:
		text := l.MigratingText
		if n.Accepting.Err != nil {
			text = l.AwayToo
		}
		all = append(all, noticeView{Kind: "warn", Title: l.fill(l.MigratingTitle, l.num(n.Database.Have), l.num(n.Database.Want)), Text: text})
	}
	return all
}

func tiles(l locale, n report.Now) []tileView {
	labels := tileView{Name: l.TileActive, Value: "–", Note: l.Unknown}
	if n.Active.Known() {
		sum, names := int64(0), map[string]bool{}
		for _, c := range n.Active.Value {
			sum += int64(c.Active)
			for _, label := range c.Labels {
				names[label.Name] = true
			}
		}
		labels = tileView{
			Name: l.TileActive, Value: l.num(sum), Unit: l.plural(l.Clients, int64(len(n.Active.Value))),
			Note: l.plural(l.DifferentNames, int64(len(names))), AsOf: asOf(l, n, n.Active),
		}
	}
	log := tileView{Name: l.TileLog, Value: "–", Note: l.Unknown}
	if t := n.Totals.Value; n.Totals.Known() {
		log = tileView{Name: l.TileLog, Value: l.num(t.Events), Note: l.plural(l.MadeSpans, t.Spans), AsOf: asOf(l, n, n.Totals)}
	}
	waiting := tileView{Name: l.TileWaiting, Value: "–", Note: l.Unknown}
	quarantined := tileView{Name: l.TileQuarantined, Value: "–", Note: l.Unknown}
	if q := n.Queue.Value; n.Queue.Known() {
		old := asOf(l, n, n.Queue)
		waiting = tileView{Name: l.TileWaiting, Value: l.num(q.Waiting), Note: l.AllRecorded, Kind: "good", AsOf: old}
		if q.Waiting > 0 {
			waiting.Note, waiting.Kind = l.fill(l.Oldest, l.span(n.At-q.OldestAt)), ""
		}
		quarantined = tileView{Name: l.TileQuarantined, Value: l.num(q.Quarantined), Note: l.NobodyNeeded, Kind: "good", AsOf: old}
		if q.Quarantined > 0 {
			quarantined.Note, quarantined.Kind = l.NeedsPerson, "bad"
		}
	}
	return []tileView{labels, log, waiting, quarantined}
}

func database(l locale, n report.Now) databaseView {
	d := n.Database
	v := databaseView{State: l.StateUp, Kind: "good", InboxState: l.InboxAccepts, InboxKind: "good", InboxAsOf: asOf(l, n, n.Queue)}
	switch d.State {
	case report.Away:
		v.State, v.Kind, v.Since = l.StateAway, "bad", l.fill(l.Since, l.moment(d.Since, n.At))
	case report.Migrating:
		v.State, v.Kind = l.StateMigrating, "warn"
	}
	switch {
	case n.Accepting.Err != nil:
		v.InboxState, v.InboxKind = l.InboxRefuses, "bad"
	case !n.Accepting.Known() || n.Accepting.Stale(n.At):
		v.InboxState, v.InboxKind = l.InboxSilent, "warn"
	}
	engine, schema := "–", "–"
	if d.Engine != "" {
		engine = maskText(d.Engine)
	}
	if d.Want != 0 {
		schema = l.fill(l.SchemaStep, l.num(d.Have), l.num(d.Want))
	}
	v.Rows = []rowView{{l.Engine, engine}, {l.Schema, schema}}
	received, last, disk := "–", "–", "–"
	if q := n.Queue.Value; n.Queue.Known() {
		received, disk = l.num(q.Received), l.bytes(q.Space.UsedBytes)
		if q.Space.LimitBytes > 0 {
			disk = l.fill(l.Of, disk, l.bytes(q.Space.LimitBytes))
		}
		if q.LastAt != 0 {
			last = l.moment(q.LastAt, n.At)
		}
	}
	v.InboxRows = []rowView{{l.ReceivedInAll, received}, {l.LastReceived, last}, {l.OnDisk, disk}}
	return v
}
