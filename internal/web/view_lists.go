package web

import (
	"cmp"
	"strings"

	"tandai/internal/report"
)

// markView is what a label wears: a letter and a colour for a grade, a word for
// won and lost, nothing for the rest.
type markView struct {
	Class  string // a … e, won, lost, or "" for a label on no scale
	Letter string
	Name   string
	Known  bool // false: Name is a stand-in
}

func mark(l locale, m report.Mark, name, id string) markView {
	v := markView{Name: maskText(name), Known: name != ""}
	if !v.Known {
		v.Name = l.fill(l.Nameless, maskText(id))
	}
	switch m.Kind {
	case report.Grade:
		// Five colours for however many grades; the letter tells them apart.
		step := 0
		if m.Of > 1 {
			step = (m.Rank*4 + (m.Of-1)/2) / (m.Of - 1)
		}
		v.Class, v.Letter = string(rune('a'+step)), m.Letter
	case report.Won:
		v.Class, v.Letter = "won", l.Won
	case report.Lost:
		v.Class, v.Letter = "lost", l.Lost
	}
	return v
}

type activeView struct {
	sectionView
	Clients []clientView
}

type clientView struct {
	Name, Total string
	Labels      []labelView // the first of them
	More        []labelView // behind a fold
	MoreTitle   string
	LeftOut     string // "" where all labels are shown
}

type labelView struct {
	Mark  markView
	Leads string
	Bar   int // per mille of the client's largest
}

// labelsShown is how many labels of a client stand in the open.
const labelsShown = 10

func active(l locale, n report.Now) activeView {
	var sum int64
	for _, c := range n.Active.Value {
		sum += int64(c.Active)
	}
	title := l.ActiveNone
	if sum > 0 {
		title = l.plural(l.ActiveTitle, sum)
	}
	v := activeView{sectionView: section(l, n, n.Active, l.ActiveHead, title)}
	for _, c := range n.Active.Value {
		client := clientView{Name: maskText(c.Client), Total: l.num(int64(c.Active))}
		largest := 1
		for _, label := range c.Labels {
			largest = max(largest, label.Leads)
		}
		for i, label := range c.Labels {
			row := labelView{
				Mark: mark(l, label.Mark, label.Name, "?"), Leads: l.num(int64(label.Leads)), Bar: max(1, label.Leads*1000/largest),
			}
			if i < labelsShown {
				client.Labels = append(client.Labels, row)
			} else {
				client.More = append(client.More, row)
			}
		}
		client.MoreTitle = l.fill(l.MoreLabels, l.num(int64(len(client.More))))
		if n := int64(c.LeftOut.Labels); n > 0 {
			client.LeftOut = l.plural(l.LabelsLeftOut, n)
		}
		v.Clients = append(v.Clients, client)
	}
	return v
}

type recentView struct {
	sectionView
	Tall    bool // enough of them to fill the height of what stands beside
	Changes []changeView
}

type changeView struct {
	Day, Clock, Full, ISO string // Day is "" for today
	Mark                  markView
	What                  string // "added to"
	Lead                  string // masked
	Hidden                bool   // the lead's phone is not known yet
	Where                 string // "CS 1", else the session
	Client                string // "" where it would say the same again
	Source                string // "recovered"; "" for a webhook
}

func recent(l locale, n report.Now) recentView {
	count := int64(len(n.Recent.Value))
	title := l.RecentNone
	if count > 0 {
		title = l.plural(l.RecentTitle, count)
	}
	v := recentView{sectionView: section(l, n, n.Recent, l.RecentHead, title)}
	v.Tall = count > 8
	today := l.day(n.At)
	for _, c := range n.Recent.Value {
		row := changeView{
			Clock: l.clock(c.At), Full: l.full(c.At), ISO: l.iso(c.At), Mark: mark(l, c.Mark, c.LabelName, c.LabelID), What: l.Added,
			Lead: maskLead(c.Lead), Hidden: strings.HasSuffix(c.Lead, "@lid"), Source: l.Sources[c.Source],
			Where: maskText(cmp.Or(c.CSName, c.Session)),
		}
		if day := l.day(c.At); day != today || l.in(c.At).Year() != l.in(n.At).Year() {
			row.Day, row.Clock = day, l.hour(c.At)
		}
		if c.Status == "delete_label" {
			row.What = l.Removed
		}
		if c.Client != "" && c.Client != cmp.Or(c.CSName, c.Session) {
			row.Client = maskText(c.Client)
		}
		v.Changes = append(v.Changes, row)
	}
	return v
}

type skippedView struct {
	sectionView
	Reasons []reasonView
}

type reasonView struct{ Code, Reason, Count string }

func skipped(l locale, n report.Now) skippedView {
	var sum int64
	for _, r := range n.Queue.Value.Skipped {
		sum += r.Count
	}
	title := l.SkippedNone
	if sum > 0 {
		title = l.plural(l.SkippedTitle, sum)
	}
	v := skippedView{sectionView: section(l, n, n.Queue, l.SkippedHead, title)}
	for _, r := range n.Queue.Value.Skipped {
		v.Reasons = append(v.Reasons, reasonView{Code: r.Reason, Reason: cmp.Or(l.Reasons[r.Reason], maskText(r.Reason)), Count: l.num(r.Count)})
	}
	return v
}

type heldView struct {
	sectionView
	Events []heldEventView
	More   string // "and 12 older ones"; "" = all are shown
}

type heldEventView struct{ Time, Full, ISO, Session, Event, Reason string }

func held(l locale, n report.Now) heldView {
	count := max(n.Queue.Value.Quarantined, int64(len(n.Quarantine.Value)))
	title := l.QuarantineNone
	if count > 0 {
		title = l.plural(l.QuarantineTitle, count)
	}
	v := heldView{sectionView: section(l, n, n.Quarantine, l.QuarantineHead, title)}
	for _, h := range n.Quarantine.Value {
		v.Events = append(v.Events, heldEventView{
			Time: l.moment(h.ReceivedAt, n.At), Full: l.full(h.ReceivedAt), ISO: l.iso(h.ReceivedAt),
			Session: maskText(h.Session), Event: maskText(h.Event), Reason: maskText(h.Reason),
		})
	}
	if rest := count - int64(len(v.Events)); rest > 0 && v.Known {
		v.More = l.plural(l.QuarantineMore, rest)
	}
	return v
}

type sessionsView struct {
	sectionView
	Rows []sessionView
}

type sessionView struct {
	Session, Client, CS, Number string
	Status, Kind, Since, View   string // Kind: good, warn, bad or ""
	Note                        string
}

// statusKinds says which of WAHA's words need a person.
var statusKinds = map[string]string{
	"WORKING": "good", "STARTING": "warn", "SCAN_QR_CODE": "bad", "FAILED": "bad", "STOPPED": "bad",
	"PASSKEY_REQUIRED": "bad", "PASSKEY_CONFIRMATION_REQUIRED": "bad",
}

func sessions(l locale, n report.Now) sessionsView {
	count := int64(len(n.Sessions.Value))
	title := l.SessionsNone
	if count > 0 {
		title = l.plural(l.SessionsTitle, count)
	}
	v := sessionsView{sectionView: section(l, n, n.Sessions, l.SessionsHead, title)}
	for _, s := range n.Sessions.Value {
		row := sessionView{
			Session: maskText(s.Session), Client: maskText(s.Client), CS: maskText(s.CSName), View: maskText(s.View), Note: maskText(s.ViewNote),
			Status: cmp.Or(l.Statuses[s.Status], maskText(s.Status), l.StatusUnsaid), Kind: statusKinds[s.Status],
		}
		if s.Number != "" {
			row.Number = maskLead(s.Number)
		}
		if s.StatusAt != 0 {
			row.Since = l.fill(l.Since, l.moment(s.StatusAt, n.At))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
