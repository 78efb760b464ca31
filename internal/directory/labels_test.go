package directory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

func (w *world) versions(id string) []string {
	w.t.Helper()
	states, err := w.db.LabelStates(w.t.Context(), "cs1")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, s := range states {
		if s.LabelID == id {
			out = append(out, fmt.Sprintf("%s from %d deleted %d", s.Name, since(s.From), since(s.DeletedAt)))
		}
	}
	return out
}

func since(at int64) int64 {
	if at == 0 {
		return 0
	}
	return (at - epoch.UnixMilli()) / minute
}

func (w *world) labelReads() (n int) {
	for _, q := range w.waha.questions() {
		if strings.HasPrefix(q, "labels of") {
			n++
		}
	}
	return n
}

// GOWS sends labels without names: the first event of one that nobody knows has
// the list read, and the row filled in. While reading does not help, it is done
// seldom.
func TestLabels_unknownIsLookedUp(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.record(w.put("cs1", tel(1)+"@c.us", "4"))
	w.step()
	w.same("rows", lines(tel(1)+" +4 Grade A"), w.rows())
	w.same("active", lines("cs1 Grade A 1"), w.active())
	w.waha.questions()
	for range 60 { // a label that WAHA does not list
		w.record(w.put("cs1", tel(1)+"@c.us", "77"))
		w.later(time.Minute)
		w.step()
	}
	if n := w.labelReads(); n < 3 || n > 12 {
		t.Errorf("labels read %d times in an hour for a label WAHA does not list", n)
	}
	w.waha.label("77", "Baru")
	w.later(10 * time.Minute)
	w.record(w.put("cs1", tel(1)+"@c.us", "77"))
	w.step()
	rows := w.rows()
	w.same("last row", tel(1)+" +77 Baru", rows[len(rows)-1])
	w.verify()
}

// Labels are read at the start, when the session works again, and every day.
func TestLabels_whenRead(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.record(store.Input{Session: "cs1", At: w.Service.now(), Number: "62811"})
	w.start()
	w.same("at the start", 1, w.labelReads())
	w.later(time.Hour)
	w.step()
	w.same("nothing happened", 0, w.labelReads())
	w.record(store.Input{Session: "cs1", At: w.Service.now(), Status: "WORKING"})
	w.step()
	w.same("at once: its engine has yet to read them", 0, w.labelReads())
	w.later(5 * time.Second)
	w.step()
	w.same("it works", 1, w.labelReads())
	w.later(24 * time.Hour)
	w.start()
	w.same("the next day", 1, w.labelReads())
}

// A label that vanishes ends its spans only when two reads agree and no chat has
// it; an id that comes back under another name is another label.
func TestLabels_vanish(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.waha.label("5", "Promo")
	w.record(w.put("cs1", tel(1)+"@c.us", "4"), w.put("cs1", tel(2)+"@c.us", "5"))
	w.start()
	w.later(time.Hour)
	read := func() {
		w.t.Helper()
		w.desks["cs1"].readLabelsAt(w.Service.now())
		w.step()
	}

	// The list is empty, as often as you like (WAHA #2113).
	w.waha.label("4", "")
	w.waha.label("5", "")
	for range 5 {
		read()
		w.later(10 * time.Minute)
	}
	w.same("empty list", lines("Promo from 0 deleted 0"), w.versions("5"))

	// One label is missing, but its chats are there.
	w.waha.label("4", "Grade A")
	w.waha.chats["5"] = []string{tel(2) + "@c.us"}
	for range 4 {
		read()
		w.later(10 * time.Minute)
	}
	w.same("a chat has it", lines("Promo from 0 deleted 0"), w.versions("5"))
	w.same("active", lines("cs1 Grade A 1", "cs1 Promo 1"), w.active())

	// It is really gone.
	w.waha.chats["5"] = nil
	read() // the last note was begun anew when a chat had it
	w.later(10 * time.Minute)
	read()
	if got := w.versions("5"); len(got) != 1 || !strings.HasPrefix(got[0], " from 0 deleted ") {
		t.Errorf("gone: %q", got)
	}
	w.same("active", lines("cs1 Grade A 1"), w.active())
	rows := w.rows()
	w.same("derived row", tel(2)+" -5 Promo", rows[len(rows)-1])

	// WAHA gives the id to another label; then that one's id to a third, unseen.
	w.later(time.Hour)
	w.waha.label("5", "VIP")
	w.record(w.put("cs1", tel(3)+"@c.us", "5"))
	w.step()
	w.same("reused", lines("cs1 Grade A 1", "cs1 VIP 1"), w.active())
	w.later(time.Hour)
	w.waha.label("5", "")
	read()
	w.later(10 * time.Minute)
	w.waha.label("5", "Titip")
	read()
	w.same("reused unseen", lines("cs1 Grade A 1"), w.active())
	w.record(w.put("cs1", tel(4)+"@c.us", "5"))
	w.step()
	w.same("names of the log", lines(tel(2)+" +5 Promo", tel(2)+" -5 Promo", tel(3)+" +5 VIP", tel(3)+" -5 VIP", tel(4)+" +5 Titip"), only(w.rows(), "5"))
	w.verify()
}

func only(rows []string, labelID string) (out []string) {
	for _, r := range rows {
		if strings.Contains(r, "+"+labelID+" ") || strings.Contains(r, "-"+labelID+" ") {
			out = append(out, r)
		}
	}
	return out
}

// A rename that only REST tells is believed when it is read twice; one stale read
// after a rename by event is not (WAHA #1577).
func TestLabels_rename(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.record(w.put("cs1", tel(1)+"@c.us", "4"))
	w.start()
	w.later(time.Hour)
	at := w.Service.now()
	w.record(store.Input{Session: "cs1", At: at, Change: &store.LabelChange{
		ID: label.EventID("", "cs1", "label.upsert", "1"), LabelID: "4", Name: "Grade A+", Color: 1, At: at, ReceivedAt: at,
	}})
	w.later(time.Minute)
	read := func() {
		w.desks["cs1"].readLabelsAt(w.Service.now())
		w.step()
	}
	read() // still "Grade A"
	w.same("stale", lines("cs1 Grade A+ 1"), w.active())
	w.waha.label("4", "Grade A+")
	w.later(10 * time.Minute)
	read()
	w.same("as told", lines("cs1 Grade A+ 1"), w.active())
	w.later(time.Hour)
	w.waha.label("4", "Prioritas")
	read()
	w.same("read once", lines("cs1 Grade A+ 1"), w.active())
	w.later(6 * time.Minute)
	w.step() // by itself
	w.same("read twice", lines("cs1 Prioritas 1"), w.active())
	w.same("the log keeps the name of its time", lines(tel(1)+" +4 Grade A"), w.rows())
	w.verify()
}

// The time of a read is by the clock that events carry: what the directory and a
// reconciliation find out at once is of one time.
func TestLabels_slowAnswerIsNoClockAhead(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.record(w.put("cs1", tel(1)+"@c.us", "4"))
	w.start()
	w.waha.label("4", "Prioritas") // seen once: noted with the time of the read
	w.later(time.Minute)
	asked := w.Service.now()
	w.waha.slow = func() int64 {
		w.later(30 * time.Second)
		return w.Service.now() / second * second
	}
	if err := w.readLabels(t.Context(), "cs1"); err != nil {
		t.Fatal(err)
	}
	states, err := w.db.LabelStates(t.Context(), "cs1")
	if err != nil || len(states) != 1 || states[0].Note == nil || states[0].Note.At != asked {
		t.Errorf("want a note of %d, got %+v, %v", asked, states, err)
	}
}
