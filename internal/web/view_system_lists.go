package web

import (
	"cmp"
	"strings"

	"tandai/internal/report"
	"tandai/internal/store"
)

type alarmsView struct {
	wingView
	Open, Past []alarmView
}

type alarmView struct {
	Time, Full, ISO string
	What            string // "silent, though WAHA says it works"
	Where           string // the session or server
	Length          string // "for 2 h 5 min"
	Notes           []string
}

func alarms(l locale, y report.System) alarmsView {
	t := &l.Texts.System
	a := y.Alarms.Value
	title := t.AlarmsNone
	if len(a.Open) > 0 {
		title = l.plural(t.AlarmsTitle, int64(len(a.Open)))
	}
	v := alarmsView{wingView: wing(l, y, y.Alarms, len(a.Open)+len(a.Past) > 0, t.AlarmsHead, t.NoRadar, title)}
	for _, alarm := range a.Open {
		v.Open = append(v.Open, alarmRow(l, y, alarm))
	}
	for _, alarm := range a.Past {
		v.Past = append(v.Past, alarmRow(l, y, alarm))
	}
	return v
}

func alarmRow(l locale, y report.System, a store.Alarm) alarmView {
	t, now := &l.Texts.System, y.At
	where := cmp.Or(sessionNames(y.Sessions.Value)[a.Subject], a.Subject)
	if a.Kind == store.AlarmWAHA {
		where = strings.TrimSpace("WAHA " + a.Subject)
	}
	began := cmp.Or(a.Since, a.RaisedAt)
	row := alarmView{
		Time: l.minute(a.RaisedAt, now), Full: l.full(a.RaisedAt), ISO: l.iso(a.RaisedAt),
		What: cmp.Or(t.AlarmKinds[string(a.Kind)], maskText(string(a.Kind))), Where: maskText(where),
		Length: l.fill(t.AlarmSince, l.span(now-began)),
	}
	if a.ClearedAt != 0 {
		row.Length = l.fill(t.AlarmLasted, l.span(a.ClearedAt-began))
	}
	note := func(text string) {
		if text != "" {
			row.Notes = append(row.Notes, text)
		}
	}
	d := a.Detail
	if a.Kind == store.AlarmSession {
		note(cmp.Or(l.Statuses[d.Status], maskText(d.Status)))
	}
	note(maskText(d.Error))
	if d.Expected >= 1 {
		note(l.fill(t.AlarmExpected, l.num(int64(d.Expected))))
	}
	if a.Flaps > 0 {
		note(l.plural(t.AlarmFlaps, int64(a.Flaps)))
	}
	if a.Restarts > 0 {
		note(l.plural(t.AlarmRestarts, int64(a.Restarts)))
	}
	if d.Restart != "" && d.Restart != "done" {
		note(maskText(d.Restart))
	}
	if d.Recovered != nil {
		note(l.plural(t.AlarmRecovered, int64(*d.Recovered)))
	}
	if a.ClearedAt != 0 {
		note(t.AlarmCleared[d.Cleared])
	}
	return row
}

type repairedView struct {
	wingView
	Events []repairView
}

// repairView is one change that was recovered, and the time it happened in.
type repairView struct {
	Mark   markView
	What   string
	Lead   string
	Hidden bool
	Where  string
	When   string // "between … and …"
	Full   string
}

func repaired(l locale, y report.System) repairedView {
	t := &l.Texts.System
	rows := y.Truth.Value.Repaired
	title := t.RepairedNone
	if len(rows) > 0 {
		title = l.plural(t.RepairedTitle, int64(len(rows)))
	}
	v := repairedView{wingView: wing(l, y, y.Truth, len(rows) > 0, t.RepairedHead, t.SwitchedOff, title)}
	names := sessionNames(y.Sessions.Value)
	for _, c := range rows {
		row := repairView{
			Mark: mark(l, c.Mark, c.LabelName, c.LabelID), What: l.Added, Lead: maskLead(c.Lead), Hidden: strings.HasSuffix(c.Lead, "@lid"),
			Where: maskText(cmp.Or(names[c.Session], c.Session)), When: l.fill(t.Before, l.minute(c.At, y.At)), Full: l.full(c.At),
		}
		if c.Status == "delete_label" {
			row.What = l.Removed
		}
		if c.NotBefore != nil {
			row.When = l.fill(t.Between, l.minute(*c.NotBefore, y.At), l.minute(c.At, y.At))
		}
		v.Events = append(v.Events, row)
	}
	return v
}

func sessionNames(all []store.SessionInfo) map[string]string {
	names := map[string]string{}
	for _, s := range all {
		if s.CSName != "" && s.Client != "" {
			names[s.Session] = s.CSName + " · " + s.Client
		}
	}
	return names
}

type runsView struct {
	wingView
	Rows []runView
}

type runView struct {
	Time, Full, ISO string
	Session, Reason string
	Read, Found     string
	Kind            string // of Found: "", warn or bad
	Took            string
	Error           string
}

func runs(l locale, y report.System) runsView {
	t := &l.Texts.System
	all := y.Truth.Value.Runs
	title := t.RunsNone
	if len(all) > 0 {
		title = l.plural(t.RunsTitle, int64(len(all)), l.minute(all[0].StartedAt, y.At))
	}
	v := runsView{wingView: wing(l, y, y.Truth, len(all) > 0, t.RunsHead, t.NoTruth, title)}
	for _, r := range all {
		row := runView{
			Time: l.minute(r.StartedAt, y.At), Full: l.full(r.StartedAt), ISO: l.iso(r.StartedAt), Session: maskText(r.Session),
			Reason: cmp.Or(t.RunReasons[r.Reason], maskText(r.Reason)), Read: l.num(int64(r.Chats)), Found: runFound(l, r), Error: maskText(r.Error),
		}
		if r.FinishedAt-r.StartedAt >= 100 {
			row.Took = l.fill(t.Took, l.length(r.FinishedAt-r.StartedAt))
		}
		switch {
		case r.Error != "":
			row.Found, row.Kind = t.RunFailed, "bad"
		case r.Open > 0:
			row.Kind = "warn"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// runFound says what a read came to.
func runFound(l locale, r store.ReadingRun) string {
	t := &l.Texts.System
	var parts []string
	if r.Repaired > 0 {
		parts = append(parts, l.plural(t.AlarmRecovered, int64(r.Repaired)))
	}
	if r.Open > 0 {
		parts = append(parts, l.plural(t.RunOpen, int64(r.Open)))
	}
	if len(parts) == 0 {
		return t.RunSame
	}
	return strings.Join(parts, ", ")
}

// length is a span that may be shorter than a second: 0.4 s.
func (l locale) length(ms int64) string {
	if ms < 10_000 {
		return l.decimal(float64(max(ms, 0)/100)/10) + " " + l.Second
	}
	return l.span(ms)
}

type peopleView struct {
	wingView
	Troubles       []troubleView
	Waiting        []hiddenView
	More           string
	Moved, Doubled severalView
}

// troubleView is why WAHA cannot be asked for a session's people.
type troubleView struct{ Session, Since, What string }

type hiddenView struct{ ID, Session, Since, Full, Asked, Next string }

type severalView struct {
	Title string // "" = there are none
	Rows  []idsView
}

type idsView struct{ ID, Others, Session string }

func people(l locale, y report.System) peopleView {
	t := &l.Texts.System
	p := y.People.Value
	title := t.PeopleNone
	if p.Unresolved > 0 {
		title = l.plural(t.PeopleTitle, p.Unresolved)
	}
	v := peopleView{wingView: wing(l, y, y.People, p.Unresolved+p.ManyPhones+p.ManyHidden > 0, t.PeopleHead, t.NoPeople, title)}
	for _, trouble := range p.Trouble {
		v.Troubles = append(v.Troubles, troubleView{
			Session: maskText(trouble.Session), Since: l.fill(t.NotAnswered, l.minute(trouble.Since, y.At)), What: maskText(trouble.What),
		})
	}
	for _, h := range p.Waiting {
		row := hiddenView{
			ID: maskLead(h.Hidden), Session: maskText(h.Session), Since: l.minute(h.SeenAt, y.At), Full: l.full(h.SeenAt),
			Asked: l.plural(t.AskedTimes, int64(h.Asked)), Next: t.AskedSoon,
		}
		if h.Asked == 0 {
			row.Asked = "–"
		}
		switch {
		case h.GaveUpAt != 0, y.People.Off:
			row.Next = t.GivenUp
		case h.NextAt > y.At:
			row.Next = l.minute(h.NextAt, y.At)
		}
		v.Waiting = append(v.Waiting, row)
	}
	if rest := p.Unresolved - int64(len(p.Waiting)); rest > 0 && v.Known {
		v.More = l.plural(t.PeopleMore, rest)
	}
	several := func(title Plural, n int64, all []report.Aliases) severalView {
		if len(all) == 0 {
			return severalView{}
		}
		v := severalView{Title: l.plural(title, n)}
		for _, s := range all {
			var others []string
			for _, o := range s.Others {
				others = append(others, maskLead(o))
			}
			v.Rows = append(v.Rows, idsView{ID: maskLead(s.ID), Others: strings.Join(others, ", "), Session: maskText(s.Session)})
		}
		return v
	}
	v.Moved, v.Doubled = several(t.MovedTitle, p.ManyPhones, p.Moved), several(t.DoubledTitle, p.ManyHidden, p.Doubled)
	return v
}

type outboxView struct {
	wingView
	Rows []destinationView
}

type destinationView struct {
	Name, State, Kind, Note string
	Waiting, Oldest         string
	Dead                    string
	DeadBad                 bool
	Error                   string
}

func outbox(l locale, y report.System) outboxView {
	t := &l.Texts.System
	all := y.Outbox.Value.Destinations
	var configured, shut int64
	for _, d := range all {
		if d.Configured {
			configured++
			if d.OpenedAt != 0 {
				shut++
			}
		}
	}
	title := t.OutboxNone
	switch {
	case shut > 0:
		title = l.plural(t.OutboxShut, shut, l.num(configured))
	case configured > 0:
		title = l.plural(t.OutboxTitle, configured)
	}
	v := outboxView{wingView: wing(l, y, y.Outbox, len(all) > 0, t.OutboxHead, t.NoOutbox, title)}
	for _, d := range all {
		row := destinationView{
			Name: maskText(d.Name), State: t.BreakerClosed, Kind: "good", Waiting: l.num(d.Waiting), Dead: l.num(d.Dead), DeadBad: d.Dead > 0,
		}
		if d.OldestAt != 0 {
			row.Oldest = l.span(y.At - d.OldestAt)
		}
		if d.OpenedAt != 0 {
			row.State, row.Kind, row.Error = t.BreakerOpen, "bad", maskText(d.LastError)
			if d.OpenUntil > y.At {
				row.Note = l.fill(t.TriedAgain, l.minute(d.OpenUntil, y.At))
			}
		}
		if !d.Configured {
			row.State, row.Kind, row.Note = t.Unconfigured, "warn", ""
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

type feedsView struct {
	sectionView
	Rows []feedView
}

type feedView struct{ Server, How, State, Kind, Note, Last, Error string }

func feeds(l locale, y report.System) feedsView {
	t := &l.Texts.System
	v := feedsView{sectionView: sectionView{Title: l.plural(t.FeedsTitle, int64(len(y.Feeds))), Known: len(y.Feeds) > 0}}
	for _, f := range y.Feeds {
		row := feedView{Server: maskText(strings.TrimSpace("WAHA " + f.Server)), How: t.FeedWebhook, State: t.FeedOpen, Kind: "good", Error: maskText(f.Err)}
		if f.Websocket {
			row.How, row.State = t.FeedWebsocket, t.FeedConnected
			if !f.Connected {
				row.State, row.Kind = t.FeedGone, "bad"
			}
			if f.Since != 0 {
				row.Note = l.fill(l.Since, l.minute(f.Since, y.At))
			}
			if f.LastAt != 0 {
				row.Last = l.fill(t.FeedLast, l.minute(f.LastAt, y.At))
			}
		} else if y.Accepting.Err != nil {
			row.State, row.Kind = l.InboxRefuses, "bad"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
