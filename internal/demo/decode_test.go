package demo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/waha"
)

// TestHistory_IsUnderstood reads the history with Tandai's own decoder: nothing
// in it is to be quarantined, and both find the same labels, people and adverts.
func TestHistory_IsUnderstood(t *testing.T) {
	a := newAgency(t, Config{Seed: 8, Days: 30, Leads: 600})
	people := pairs{}
	want := pairs{}
	adverts, opaque := 0, 0
	for ev := range a.History {
		kept := waha.Keep(ev.Body)
		if kept.Problem != "" {
			t.Fatalf("%s: %s", kept.Problem, ev.Body)
		}
		d, err := waha.Decode(kept.Body)
		if err != nil {
			t.Fatalf("%v: %s", err, ev.Body)
		}
		b := read(t, ev)
		if d.ID != b.ID || d.Timestamp != b.Timestamp || d.Event != b.Event || d.Session != b.Session || d.Engine != b.Environment.Engine ||
			d.Me.ID+"@c.us" != b.Me.id() && b.Me != nil || d.Klien != b.Metadata["klien"] {
			t.Fatalf("read as %+v: %s", d, ev.Body)
		}
		switch {
		case d.LabelChat != nil:
			if d.LabelChat.ChatID != b.chat() || d.LabelChat.LabelID != b.Payload.LabelID || d.LabelChat.Added != (b.Event == "label.chat.added") ||
				(d.LabelChat.Label == nil) != (b.Payload.Label == nil) {
				t.Fatalf("read as %+v: %s", d.LabelChat, ev.Body)
			}
		case d.LabelEdit != nil:
			if d.LabelEdit.ID != b.Payload.ID || d.LabelEdit.Name != b.Payload.Name || d.LabelEdit.Deleted != (b.Event == "label.deleted") {
				t.Fatalf("read as %+v: %s", d.LabelEdit, ev.Body)
			}
		case d.Message != nil:
			m := d.Message
			if m.ChatID != b.chat() || m.FromMe != b.Payload.FromMe {
				t.Fatalf("read as %+v: %s", m, ev.Body)
			}
			if m.LID != "" {
				people[b.Session+" "+m.LID] = m.Phone
			}
			if m.Referral != nil {
				if adverts++; m.Referral.SourceID == "" {
					opaque++
				}
			}
		case d.Status == nil || d.Status.Status != b.Payload.Status:
			t.Fatalf("read as %+v: %s", d, ev.Body)
		}
		if b.Event == "message.any" {
			for k, v := range pairsOf([]body{b}) {
				want[k] = v
			}
		}
	}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("hidden ids and numbers (-sent +read):\n%s", diff)
	}
	if len(want) < 50 || adverts < 200 || opaque < 10 || opaque > adverts/3 {
		t.Errorf("%d pairs, %d adverts, %d of them opaque", len(want), adverts, opaque)
	}
}
