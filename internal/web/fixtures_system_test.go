package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tandai/internal/report"
	"tandai/internal/store"
)

type systemAnswer struct{ of report.System }

func (a systemAnswer) Now(context.Context) report.Now       { return a.of.Now }
func (a systemAnswer) System(context.Context) report.System { return a.of }

func switchedOff(n report.Now) report.System {
	return report.System{
		Now: n, Feeds: []report.Feed{{}}, Alarms: report.Wing[report.Alarms]{Off: true}, Truth: report.Wing[report.Truth]{Off: true},
		People: report.Wing[report.People]{Off: true}, Outbox: report.Wing[report.Outbox]{Off: true},
	}
}

func on[T any](value T) report.Wing[T] { return report.Wing[T]{Part: read(value)} }

func ago(d time.Duration) int64 { return noon.Add(-d).UnixMilli() }

func destination(name string, c store.DestinationCount) report.Destination {
	c.Name = name
	return report.Destination{DestinationCount: c, Configured: true}
}

// allWell is a system that nobody need look at.
func allWell() report.System {
	y := switchedOff(busy())
	for i := range y.Sessions.Value {
		y.Sessions.Value[i].Status = "WORKING"
	}
	var truth report.Truth
	var alarms report.Alarms
	for i, s := range y.Sessions.Value {
		truth.Coverage = append(truth.Coverage, report.Coverage{Coverage: store.Coverage{Session: s.Session, InTime: 100 + i}})
		truth.Runs = append(truth.Runs, store.ReadingRun{
			Session: s.Session, Reason: "daily", StartedAt: ago(time.Duration(i+1) * time.Hour), FinishedAt: ago(time.Duration(i+1)*time.Hour) + 840, Labels: 9, Chats: 412,
		})
		alarms.Hearing = append(alarms.Hearing, report.Hearing{Session: s.Session, State: report.Hears, LastAt: ago(time.Duration(i*40) * time.Second), AlarmAt: noon.Add(2 * time.Hour).UnixMilli()})
	}
	newest(&truth)
	y.Truth, y.Alarms, y.People = on(truth), on(alarms), on(report.People{})
	y.Outbox = on(report.Outbox{Destinations: []report.Destination{destination("n8n", store.DestinationCount{})}})
	return y
}

// newest gathers the newest run of each session.
func newest(t *report.Truth) {
	t.Newest = map[string]store.ReadingRun{}
	for _, run := range t.Runs {
		if _, ok := t.Newest[run.Session]; !ok {
			t.Newest[run.Session] = run
		}
	}
}

// troubled is a system with something in every part of it.
func troubled() report.System {
	y := allWell()
	y.Sessions.Value[3].Status, y.Sessions.Value[3].StatusAt = "FAILED", ago(3*time.Hour)
	h := y.Alarms.Value.Hearing
	h[1].State, h[1].LastAt, h[1].AlarmAt = report.Deaf, ago(5*time.Hour), 0
	h[4].State, h[4].AlarmAt = report.Learning, 0
	h[5].State, h[5].LastAt = report.TooQuiet, 0
	fourteen := 14
	y.Alarms.Value.Open = []store.Alarm{
		{Kind: store.AlarmDeaf, Subject: "hansarang_cs2", Since: ago(5 * time.Hour), RaisedAt: ago(3 * time.Hour), Restarts: 1, Detail: store.AlarmDetail{Expected: 31.4, Restart: "restart: WAHA answered 500"}},
		{Kind: store.AlarmSession, Subject: "hansarang_cs4", Since: ago(3 * time.Hour), RaisedAt: ago(170 * time.Minute), Flaps: 3, Detail: store.AlarmDetail{Status: "FAILED"}},
	}
	y.Alarms.Value.Past = []store.Alarm{
		{Kind: store.AlarmWAHA, Since: ago(50 * time.Hour), RaisedAt: ago(49 * time.Hour), ClearedAt: ago(48 * time.Hour), Restarts: 2, Detail: store.AlarmDetail{Error: "ping: connection refused", Recovered: &fourteen, Cleared: store.ClearedAnswers}},
	}
	t := &y.Truth.Value
	t.Coverage[1].Repaired, t.Coverage[1].Late = 31, 2
	t.Coverage[5] = report.Coverage{Coverage: store.Coverage{Session: "hansarang_cs6", Repaired: 12}, Polled: true}
	t.Coverage[4] = report.Coverage{Coverage: store.Coverage{Session: "hansarang_cs5"}}
	t.Noted = 3
	t.Runs[0].Repaired, t.Runs[0].Differences = 31, 31
	t.Runs[1].Open, t.Runs[1].Differences = 3, 3
	t.Runs[3].Error, t.Runs[3].Reason = "labels: session hansarang_cs4 is FAILED (422)", "working"
	newest(t)
	for i, c := range y.Recent.Value[:9] {
		c.Source = "snapshot"
		if i%3 != 1 {
			from := c.At - 3_600_000*int64(i+1)
			c.NotBefore = &from
		}
		t.Repaired = append(t.Repaired, c)
	}
	p := &y.People.Value
	p.Unresolved, p.GivenUp = 214, 9
	for i := range 12 {
		person := store.Lookup{
			Session: "hansarang_cs1", Hidden: fmt.Sprintf("2010000000000%02d@lid", i), SeenAt: ago(time.Duration(i*i) * time.Hour), Asked: i, NextAt: noon.Add(time.Duration(i) * time.Hour).UnixMilli(),
		}
		if i > 9 {
			person.GaveUpAt, person.NextAt = ago(time.Hour), 0
		}
		p.Waiting = append(p.Waiting, person)
	}
	p.ManyPhones, p.ManyHidden = 1, 1
	p.Trouble = []report.Trouble{{Session: "hansarang_cs4", Since: ago(3 * time.Hour), What: "lids: session hansarang_cs4 is FAILED (422)"}}
	p.Moved = []report.Aliases{{Session: "hansarang_cs2", ID: "201000000000777@lid", Others: []string{"6281234560001", "6281234560002"}}}
	p.Doubled = []report.Aliases{{ID: phone, Others: []string{"201000000000555@lid", "201000000000556@lid"}}}
	old := destination("lama", store.DestinationCount{Waiting: 7, OldestAt: ago(80 * time.Hour)})
	old.Configured = false
	y.Outbox.Value.Destinations = []report.Destination{
		destination("n8n", store.DestinationCount{}),
		destination("gudang-data", store.DestinationCount{
			Waiting: 1204, OldestAt: ago(40 * time.Minute), Dead: 3,
			DestinationState: store.DestinationState{OpenedAt: ago(38 * time.Minute), OpenUntil: noon.Add(2 * time.Minute).UnixMilli(), LastError: "dial tcp 10.0.0.9:443: connect: connection refused"},
		}),
		old,
	}
	y.Feeds = []report.Feed{
		{}, {Server: "second", Websocket: true, Connected: true, Since: ago(time.Hour), LastAt: ago(time.Minute)},
		{Server: "third", Websocket: true, Since: ago(time.Minute), Err: "close 1008: Unauthorized"},
	}
	return y
}

// hostileSystem has texts of others, and a phone, wherever there are any.
func hostileSystem() report.System {
	y := troubled()
	text := hostile + "\x00\u202e{{.T}} call " + phone
	y.Now = hostileNames()
	a := &y.Alarms.Value
	a.Open[0].Subject, a.Open[0].Detail.Restart, a.Open[1].Detail.Status, a.Past[0].Detail.Error = text, text, text, text
	a.Past[0].Kind, a.Past[0].Detail.Cleared = store.AlarmKind(text), text
	for i := range y.Alarms.Value.Hearing {
		y.Alarms.Value.Hearing[i].Session, y.Alarms.Value.Hearing[i].State = text, report.HearingState(text)
	}
	t := &y.Truth.Value
	for i := range t.Repaired {
		c := &t.Repaired[i]
		c.LabelName, c.LabelID, c.Session, c.Lead = text, text, text, phone
	}
	for i := range t.Runs {
		t.Runs[i].Session, t.Runs[i].Reason, t.Runs[i].Error = text, text, text
		t.Coverage[i].Session = text
	}
	for i := range y.People.Value.Waiting {
		y.People.Value.Waiting[i].Session, y.People.Value.Waiting[i].Hidden = text, phone+"@lid"
	}
	y.People.Value.Trouble[0] = report.Trouble{Session: text, Since: 1, What: text}
	y.People.Value.Moved[0] = report.Aliases{Session: text, ID: text, Others: []string{text, phone}}
	for i := range y.Outbox.Value.Destinations {
		y.Outbox.Value.Destinations[i].Name, y.Outbox.Value.Destinations[i].LastError, y.Outbox.Value.Destinations[i].OpenedAt = text, text, 1
	}
	y.Feeds[1].Server, y.Feeds[2].Err = text, text
	return y
}

// systems are all answers the system page must be able to show.
func systems() map[string]report.System {
	n := states()
	unread := switchedOff(n["nothing known"])
	err := errors.New("no answer yet")
	unread.Truth, unread.Alarms = report.Wing[report.Truth]{Part: report.Part[report.Truth]{Err: err}}, report.Wing[report.Alarms]{Part: report.Part[report.Alarms]{Err: err}}
	unread.People, unread.Outbox = report.Wing[report.People]{Part: report.Part[report.People]{Err: err}}, report.Wing[report.Outbox]{Part: report.Part[report.Outbox]{Err: err}}
	unread.Feeds = nil
	gone := troubled()
	gone.Now = away()
	gone.Truth.At, gone.Truth.Err = gone.Database.Since-1000, errRefused
	gone.Alarms.At, gone.Alarms.Err = gone.Truth.At, errRefused
	gone.People.At, gone.People.Err = gone.Truth.At, errRefused
	gone.Outbox.At, gone.Outbox.Err = gone.Truth.At, errRefused
	fresh := allWell()
	fresh.Now = empty()
	fresh.Truth.Value, fresh.Alarms.Value, fresh.Outbox.Value = report.Truth{}, report.Alarms{}, report.Outbox{}
	return map[string]report.System{
		"all well": allWell(), "troubled": troubled(), "switched off": switchedOff(busy()), "nothing known": unread, "away": gone, "hostile": hostileSystem(), "fresh": fresh,
	}
}
