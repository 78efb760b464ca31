package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/report"
	"tandai/internal/store"
)

var (
	jakarta = mustZone("Asia/Jakarta")
	// Half past nine in the morning in Jakarta.
	noon = time.Date(2026, time.November, 23, 9, 42, 18, 0, jakarta)
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// answer is a Reports that gives one answer.
type answer report.Now

func (a answer) Now(context.Context) report.Now { return report.Now(a) }

// System has nothing switched on.
func (a answer) System(context.Context) report.System { return switchedOff(report.Now(a)) }

func read[T any](value T) report.Part[T] {
	return report.Part[T]{Value: value, At: noon.UnixMilli()}
}

// hour is a queue whose minutes hold what count says.
func hour(count func(minute int) int64) report.Queue {
	q := report.Queue{}
	for i := range q.Minutes {
		at := noon.Truncate(time.Minute).Add(time.Duration(i-report.Minutes+1) * time.Minute)
		q.Minutes[i] = report.Minute{At: at.UnixMilli(), Count: count(i)}
	}
	return q
}

var up = report.Database{State: report.Up, Engine: "SQLite 3.51.0", Have: 3, Want: 3}

// empty is Tandai before its first event.
func empty() report.Now {
	return report.Now{
		At: noon.UnixMilli(), Database: up, Accepting: read(struct{}{}), Queue: read(hour(func(int) int64 { return 0 })),
		Active: read([]report.ClientLabels(nil)), Recent: read([]report.Change(nil)), Quarantine: read([]report.Held(nil)),
		Sessions: read([]store.SessionInfo(nil)), Totals: read(store.Totals{}),
	}
}

// busy is an agency on a Monday morning.
func busy() report.Now {
	q := hour(func(i int) int64 { return []int64{7, 4, 9, 6, 11, 3, 8, 14, 5, 2, 0, 6}[i%12] + int64(i*i)/450 })
	q.Skipped = []report.ReasonCount{{Reason: "group", Count: 18204}, {Reason: "unused_event", Count: 2210}, {Reason: "broadcast", Count: 311}, {Reason: "ignored_number", Count: 4}, {Reason: "a_new_code", Count: 1}}
	q.Received, q.LastAt = 1_204_331, noon.Add(-7*time.Second).UnixMilli()
	q.Space = inbox.Space{UsedBytes: 812 << 20, LimitBytes: 4 << 30, FreeBytes: 90 << 30, FreeAtLeast: 256 << 20}
	n := empty()
	n.Queue = read(q)
	scale := report.DefaultScale()
	for i, client := range []string{"hansarang", "klinik-ayu", "toko-aisyah"} {
		c := report.ClientLabels{Client: client}
		for j, name := range []string{"Grade A", "Grade B 🔥", "Grade C", "grade d", "Grade E", "Closing", "Batal", "Follow up besok pagi", "لون جديد", "Ongkir", "Katalog", "Minta harga"} {
			leads := []int{212, 318, 604, 471, 388, 96, 41, 55, 12, 9, 4, 1}[j] / (i + 1)
			c.Active += leads
			c.Labels = append(c.Labels, report.LabelCount{Name: name, Mark: scale.Mark(name), Leads: leads})
		}
		n.Active.Value = append(n.Active.Value, c)
	}
	names := []string{"Grade A", "Grade C", "Closing", "Grade E", "Grade B 🔥", "Follow up besok pagi", "grade d", "Batal", ""}
	at := noon
	for i := range 50 {
		at = at.Add(-time.Duration(7+i*i*9) * time.Second)
		row := store.LogRow{
			EventID: fmt.Sprintf("%064d", i), At: at.UnixMilli(), Client: []string{"hansarang", "toko-aisyah", "klinik-ayu"}[i%3],
			CS: "628111000222", Lead: fmt.Sprintf("62812%04d%04d", 1000+i*37, 4471+i), LabelID: "7", LabelName: names[i%len(names)],
			Status: string(label.Added), Session: "hansarang_cs1", Source: string(label.FromWebhook), ReceivedAt: at.UnixMilli(),
		}
		if i%4 == 3 {
			row.Status = string(label.Removed)
		}
		switch i {
		case 2:
			row.Lead = "201000000000099@lid"
		case 4:
			row.Source = string(label.FromSnapshot)
		case 7:
			row.Source = string(label.FromLabelDeleted)
		}
		change := report.Change{LogRow: row, Mark: scale.Mark(row.LabelName)}
		if i%3 == 0 {
			change.CSName = "CS 1"
		}
		n.Recent.Value = append(n.Recent.Value, change)
	}
	for i, status := range []string{"WORKING", "WORKING", "STARTING", "FAILED", "SCAN_QR_CODE", ""} {
		s := store.SessionInfo{
			Session: fmt.Sprintf("hansarang_cs%d", i+1), Client: "hansarang", CSName: fmt.Sprintf("CS %d", i+1), Number: fmt.Sprintf("62811100022%d", i),
			Zone: "Asia/Jakarta", View: fmt.Sprintf("labeling_hansarang_cs%d", i+1), Status: status,
		}
		if status != "" {
			s.StatusAt = noon.Add(-time.Duration(i*i*7+3) * time.Hour).UnixMilli()
		}
		if i == 3 {
			s.View, s.ViewNote = "", "labeling_hansarang_cs4 is a table already and was left alone"
		}
		n.Sessions.Value = append(n.Sessions.Value, s)
	}
	n.Totals = read(store.Totals{Events: 128_402, Spans: 61_377, Active: 4_402})
	return n
}

// held is busy with a few deliveries in quarantine.
func quarantine() report.Now {
	n := busy()
	n.Queue.Value.Quarantined = 212
	for i, reason := range []string{
		"payload.labelId is a number, want a string of digits",
		"timestamp 1795399213 is in seconds, want milliseconds between 2015 and tomorrow",
		"session name \"toko aisyah\" holds a space, want A–Z, a–z, 0–9, _ and - only, at most 54",
		"chat id 6281299900011@odd is of no known form",
		"body is not JSON: unexpected end of input after 211 bytes",
	} {
		n.Quarantine.Value = append(n.Quarantine.Value, report.Held{
			ReceivedAt: noon.Add(-time.Duration(i*i*11) * time.Hour).UnixMilli(),
			Session:    "toko-aisyah", Event: "label.chat.added", Reason: reason,
		})
	}
	return n
}

var errRefused = errors.New("ping: database unavailable (2003): dial tcp 127.0.0.1:3306: connect: connection refused")

// away is busy after its database left, with what was read before.
func away() report.Now {
	n := busy()
	since := noon.Add(-4*time.Minute - 11*time.Second).UnixMilli()
	n.Database = report.Database{State: report.Away, Since: since, Engine: "MariaDB 10.11.14", Have: 3, Want: 3, Err: errRefused}
	n.Queue.Value.Waiting, n.Queue.Value.OldestAt = 1204, since
	n.Active.At, n.Active.Err = since-1000, errRefused
	n.Recent.At, n.Recent.Err = since-1000, errRefused
	n.Sessions.At, n.Sessions.Err = since-1000, errRefused
	n.Totals.At, n.Totals.Err = since-1000, errRefused
	return n
}

// neverReached is a start without a database.
func neverReached() report.Now {
	n := report.Now{At: noon.UnixMilli(), Accepting: read(struct{}{}), Queue: busy().Queue, Quarantine: read([]report.Held(nil))}
	n.Queue.Value.Waiting, n.Queue.Value.OldestAt = 3, noon.Add(-9*time.Second).UnixMilli()
	n.Database = report.Database{State: report.Away, Since: noon.Add(-30 * time.Second).UnixMilli(), Err: errRefused}
	n.Active.Err, n.Recent.Err, n.Sessions.Err, n.Totals.Err = errRefused, errRefused, errRefused, errRefused
	return n
}

// migrating is a start with an older schema.
func migrating() report.Now {
	n := neverReached()
	err := errors.New("schema is at step 2 of 3")
	n.Database = report.Database{State: report.Migrating, Engine: "MariaDB 10.11.14", Have: 2, Want: 3}
	n.Active.Err, n.Recent.Err, n.Sessions.Err, n.Totals.Err = err, err, err, err
	return n
}

// inboxGone is busy with an inbox that cannot be read, and never was.
func inboxGone() report.Now {
	n := busy()
	err := errors.New("inbox: inbox file is damaged (SQLite 11)")
	n.Accepting.Err = err
	n.Queue = report.Part[report.Queue]{Err: err}
	n.Quarantine = report.Part[[]report.Held]{Err: err}
	return n
}

// quiet has labels, and nothing within the last hour.
func quiet() report.Now {
	n := busy()
	n.Queue.Value.Minutes = hour(func(int) int64 { return 0 }).Minutes
	return n
}

// one has exactly one of everything.
func one() report.Now {
	n := busy()
	n.Queue.Value = hour(func(i int) int64 { return int64(i / 59) })
	n.Queue.Value.Received = 1
	n.Queue.Value.Waiting, n.Queue.Value.OldestAt, n.Queue.Value.Quarantined = 1, noon.UnixMilli(), 1
	n.Queue.Value.Skipped = []report.ReasonCount{{Reason: "group", Count: 1}}
	n.Active.Value = []report.ClientLabels{{Client: "a", Active: 1, Labels: []report.LabelCount{{Name: "Grade A", Mark: report.DefaultScale().Mark("Grade A"), Leads: 1}}}}
	n.Recent.Value, n.Sessions.Value = n.Recent.Value[:1], n.Sessions.Value[:1]
	n.Totals = read(store.Totals{Events: 1, Spans: 1, Active: 1})
	return n
}

const (
	hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	phone   = "6281234564471"
)

// hostileNames has markup, quotes, control and direction characters, and a
// phone, wherever somebody else chooses the text.
func hostileNames() report.Now {
	n := quarantine()
	text := hostile + "\x00\u202e{{.T}} call " + phone
	for i := range n.Active.Value {
		n.Active.Value[i].Client = text
		for j := range n.Active.Value[i].Labels {
			n.Active.Value[i].Labels[j].Name = text + strings.Repeat("x", 100)
		}
	}
	for i := range n.Recent.Value {
		c := &n.Recent.Value[i]
		c.LabelName, c.Client, c.CSName, c.Session, c.LabelID, c.Source, c.Status, c.Lead = text, text, text, text, text, text, text, phone
		if i%2 == 0 {
			c.CSName, c.LabelName, c.Lead = "", "", text
		}
	}
	for i := range n.Quarantine.Value {
		h := &n.Quarantine.Value[i]
		h.Session, h.Event, h.Reason = text, text, text
	}
	for i := range n.Sessions.Value {
		s := &n.Sessions.Value[i]
		s.Session, s.Client, s.CSName, s.Number, s.View, s.ViewNote, s.Status = text, text, text, text, text, text, text
	}
	n.Queue.Value.Skipped = []report.ReasonCount{{Reason: text, Count: 3}}
	n.Database = report.Database{State: report.Away, Since: n.At, Engine: text, Have: 1, Want: 1, Err: errors.New(text)}
	n.Queue.Err, n.Accepting.Err = errors.New(text), errors.New(text)
	return n
}

// many is more of everything than fits on a screen.
func many() report.Now {
	n := quarantine()
	n.Active.Value = nil
	for i := range 4 {
		c := report.ClientLabels{Client: fmt.Sprintf("klien-%02d", i)}
		for j := range 60 {
			c.Active += 1_000_000
			c.Labels = append(c.Labels, report.LabelCount{Name: fmt.Sprintf("Label %d", j), Leads: 1_000_000})
		}
		n.Active.Value = append(n.Active.Value, c)
	}
	n.Queue.Value.Minutes = hour(func(i int) int64 { return 120_000 + int64(i) }).Minutes
	n.Queue.Value.Quarantined = 1_000_000
	return n
}

// states are all answers the page must be able to show.
func states() map[string]report.Now {
	return map[string]report.Now{
		"empty": empty(), "busy": busy(), "quarantine": quarantine(), "away": away(), "never reached": neverReached(),
		"migrating": migrating(), "inbox gone": inboxGone(), "quiet": quiet(), "one": one(), "hostile": hostileNames(), "many": many(),
		"nothing known": {At: noon.UnixMilli(), Database: report.Database{State: report.Away, Since: noon.UnixMilli(), Err: errRefused}},
	}
}
