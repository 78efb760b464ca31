package chaos

import (
	"path/filepath"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/waha/wahasim"
)

// TestDatabaseForgetsWhoIsIgnored: of the message of a number on the ignore list
// only the pair of ids is recorded, and the message is skipped; a database that
// forgets the pair must be told again, or the hidden id's labels are recorded.
func TestDatabaseForgetsWhoIsIgnored(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	s := newStory(rng, cast{sessions: 1, people: 2})
	phone := s.phones[0]
	staff, lead := phone.people[0], phone.people[1]
	n := newNode(t, setup{more: "clients: [{name: hansarang, ignore: [\"" + staff.Phone + "\"], sessions: [{name: cs1}]}]\n"})
	c, d := newCourier(t, rng, 2), newDoor()
	deliver := func(ev wahasim.Event) {
		t.Helper()
		p := n.serve(t)
		d.lead(p.url)
		c.add(&parcel{said: *s.tell(ev, inbox.Done, "", nil), door: d})
		allAnswered(t, c)
		p.drained()
		d.lead("")
		p.stop()
	}
	deliver(phone.Label(s.at, lead, "1"))
	old := filepath.Join(t.TempDir(), "tandai.db")
	copyFile(t, n.storeFile(), old)
	deliver(phone.Message(s.at, wahasim.Message{Lead: staff.As(true), Reveal: true, SentAt: s.at}))
	copyFile(t, old, n.storeFile())

	p := n.serve(t)
	p.log.wait("database is ready", p.ended, patience)
	h := database(t, n, "")
	for deadline := time.Now().Add(patience); len(h.Query(t, "SELECT 1 FROM identities")) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the pair of ids that the database forgot is not recorded again")
		}
	}
	p.stop()
	deliver(phone.Label(s.at, staff.As(true), "2"))
	c.finish(t, func() {})
	if rows := h.Query(t, "SELECT chat_id FROM label_events"); len(rows) != 1 {
		t.Errorf("the log has rows of %v, want the lead's alone", rows)
	}
}
