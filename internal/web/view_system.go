package web

import (
	"cmp"
	"net/http"

	"tandai/internal/report"
)

// systemView is the part of the system page that changes.
type systemView struct {
	T        *Texts
	S        *SystemTexts
	Clock    string
	Build    string
	Zone     string
	Notices  []noticeView
	Tiles    []tileView
	Numbers  numbersView
	Alarms   alarmsView
	Repaired repairedView
	Runs     runsView
	People   peopleView
	Outbox   outboxView
	Feeds    feedsView
}

// wingView heads a card whose part may be switched off.
type wingView struct {
	sectionView
	Off string // why there is nothing to show; "" = it is on
}

// wing heads a card made from a part that may be switched off. What such a part
// left behind, if anything, is shown.
func wing[T any](l locale, y report.System, w report.Wing[T], left bool, head, off, found string) wingView {
	v := wingView{sectionView: section(l, y.Now, w.Part, head, found)}
	if w.Off {
		v.Off = off
		if !left {
			v.sectionView = sectionView{Title: head}
		}
	}
	return v
}

func (s *server) system(r *http.Request, texts *Texts) systemView {
	y := s.cfg.Reports.System(r.Context())
	l := locale{Texts: texts, zone: s.cfg.Zone}
	return systemView{
		T: texts, S: &texts.System, Clock: l.clock(y.At), Build: s.assets.build(), Zone: l.fill(l.ZoneNote, l.zoneName(y.At)),
		Notices: notices(l, y.Now), Tiles: systemTiles(l, y), Numbers: numbers(l, y), Alarms: alarms(l, y), Repaired: repaired(l, y),
		Runs: runs(l, y), People: people(l, y), Outbox: outbox(l, y), Feeds: feeds(l, y),
	}
}

// systemTiles are the four figures. One that is switched off says so, and one
// that was never read is a dash.
func systemTiles(l locale, y report.System) []tileView {
	t := &l.Texts.System
	tile := func(name string, off, known bool, asOf string) tileView {
		v := tileView{Name: name, Value: "–", Note: l.Unknown, AsOf: asOf}
		if off && !known {
			v.Note = t.SwitchedOff
		}
		return v
	}
	n := y.Now
	heard := tile(t.TileHeard, y.Truth.Off, y.Truth.Known(), asOf(l, n, y.Truth.Part))
	mended := tile(t.TileRepaired, y.Truth.Off, y.Truth.Known(), heard.AsOf)
	if y.Truth.Known() {
		var inTime, all, repaired int64
		for _, c := range y.Truth.Value.Coverage {
			_, compared := y.Truth.Value.Newest[c.Session]
			if c.Polled || !compared { // nobody promised webhooks of these, or knows what they lack
				continue
			}
			inTime, all, repaired = inTime+int64(c.InTime), all+c.All(), repaired+int64(c.Repaired)
		}
		heard.Value, heard.Note, heard.Kind = l.share(inTime, all), t.AllHeard, "good"
		switch {
		case y.Truth.Off:
			heard.Value, heard.Note, heard.Kind = "–", t.SwitchedOff, ""
		case all == 0:
			heard.Note, heard.Kind = l.fill(t.NothingChanged, l.num(report.CoverageDays)), ""
		case inTime < all:
			heard.Note, heard.Kind = t.RestRepaired, ""
		case y.Truth.Value.Noted > 0:
			heard.Note, heard.Kind = t.Checking, ""
		}
		if all > 0 && !y.Truth.Off {
			heard.Unit = l.plural(t.OfChanges, all)
		}
		mended.Value, mended.Unit, mended.Note = l.num(repaired), l.plural(t.LastDays, report.CoverageDays), t.NoDoubt
		if y.Truth.Off {
			mended.Note = t.SwitchedOff
		}
		if noted := y.Truth.Value.Noted; noted > 0 {
			mended.Note = l.plural(t.SeenOnce, noted)
		}
	}
	hidden := tile(t.TileHidden, y.People.Off, y.People.Known(), asOf(l, n, y.People.Part))
	if p := y.People.Value; y.People.Known() {
		hidden.Value, hidden.Note, hidden.Kind = l.num(p.Unresolved), t.AllNamed, "good"
		switch {
		case p.GivenUp > 0:
			hidden.Note, hidden.Kind = l.plural(t.GaveUp, p.GivenUp), ""
		case p.Unresolved > 0 && y.People.Off:
			hidden.Note, hidden.Kind = t.NotAsked, ""
		case p.Unresolved > 0:
			hidden.Note, hidden.Kind = t.StillAsked, ""
		}
	}
	sending := tile(t.TileSending, y.Outbox.Off, y.Outbox.Known(), asOf(l, n, y.Outbox.Part))
	if y.Outbox.Known() {
		var waiting, dead, oldest int64
		for _, d := range y.Outbox.Value.Destinations {
			waiting, dead = waiting+d.Waiting, dead+d.Dead
			if d.OldestAt != 0 && (oldest == 0 || d.OldestAt < oldest) {
				oldest = d.OldestAt
			}
		}
		sending.Value, sending.Note, sending.Kind = l.num(waiting), t.AllSent, "good"
		if y.Outbox.Off {
			sending.Note, sending.Kind = t.SwitchedOff, ""
			if len(y.Outbox.Value.Destinations) == 0 {
				sending.Value = "–"
			}
		}
		if waiting > 0 {
			sending.Note, sending.Kind = l.fill(l.Oldest, l.span(y.At-oldest)), ""
		}
		if dead > 0 {
			sending.Note, sending.Kind = l.plural(t.DeadLetters, dead), "bad"
		}
	}
	return []tileView{heard, mended, hidden, sending}
}

type numbersView struct {
	sectionView
	Caption string
	Rows    []numberView
}

// numberView is one number, and how well it is heard.
type numberView struct {
	Session, CS, Client, Number string
	Status, Kind, Since         string
	LastEvent                   string
	Share, Of                   string // "97 %", "of 1,204"; Share "" = not known
	Bar                         int    // per mille of Share
	Compared, ComparedNote      string
	ComparedKind                string
	Hearing, HearingKind        string
	HearingNote                 string
}

var hearingKinds = map[report.HearingState]string{report.Hears: "good", report.Deaf: "bad"}

func numbers(l locale, y report.System) numbersView {
	t := &l.Texts.System
	coverage, hearing := map[string]report.Coverage{}, map[string]report.Hearing{}
	for _, c := range y.Truth.Value.Coverage {
		coverage[c.Session] = c
	}
	for _, h := range y.Alarms.Value.Hearing {
		hearing[h.Session] = h
	}
	v := numbersView{Caption: l.fill(t.NumbersCaption, l.num(report.CoverageDays))}
	needy := int64(0)
	for _, s := range y.Sessions.Value {
		row := numberView{
			Session: maskText(s.Session), CS: maskText(s.CSName), Client: maskText(s.Client), LastEvent: "–",
			Status: cmp.Or(l.Statuses[s.Status], maskText(s.Status), l.StatusUnsaid), Kind: statusKinds[s.Status],
		}
		if s.Number != "" {
			row.Number = maskLead(s.Number)
		}
		if s.StatusAt != 0 {
			row.Since = l.fill(l.Since, l.minute(s.StatusAt, y.At))
		}
		h, judged := hearing[s.Session]
		if judged {
			row.Hearing, row.HearingKind = cmp.Or(t.HearingStates[string(h.State)], maskText(string(h.State))), hearingKinds[h.State]
			if h.AlarmAt > y.At {
				row.HearingNote = l.fill(t.AlarmAfter, l.minute(h.AlarmAt, y.At))
			}
			row.LastEvent = t.NeverHeard
			if h.LastAt != 0 {
				row.LastEvent = l.minute(h.LastAt, y.At) // the radar goes by minutes
			}
		}
		c, counted := coverage[s.Session]
		run, compared := y.Truth.Value.Newest[s.Session]
		switch {
		case counted && !compared:
			row.Of = t.NotJudged
		case counted && c.Polled:
			row.Of = t.Polled
		case counted && c.All() > 0:
			row.Share, row.Of, row.Bar = l.share(int64(c.InTime), c.All()), l.plural(t.ShareOf, c.All()), int(int64(c.InTime)*1000/c.All())
		case y.Truth.Known():
			row.Of = t.NothingToHear
		}
		if compared {
			row.Compared, row.ComparedNote, row.ComparedKind = l.minute(run.StartedAt, y.At), runFound(l, run), ""
			if run.Error != "" {
				row.ComparedNote, row.ComparedKind = t.RunFailed, "bad"
			}
		} else if y.Truth.Known() {
			row.Compared = t.NeverCompared
		}
		if row.Kind == "bad" || h.State == report.Deaf {
			needy++
		}
		v.Rows = append(v.Rows, row)
	}
	title := l.plural(t.NumbersTitle, int64(len(v.Rows)))
	switch {
	case len(v.Rows) == 0:
		title = l.SessionsNone
	case needy > 0:
		title = l.plural(t.NumbersSilent, needy, l.num(int64(len(v.Rows))))
	}
	v.sectionView = section(l, y.Now, y.Sessions, t.NumbersHead, title)
	return v
}

// share is a part of a whole in whole percent; what is not all is never 100 %,
// and what is not nothing never 0 %.
func (l locale) share(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	percent := (part*200 + whole) / (2 * whole)
	if percent == 100 && part < whole {
		percent = 99
	}
	if percent == 0 && part > 0 {
		percent = 1
	}
	return l.num(percent) + " %"
}
