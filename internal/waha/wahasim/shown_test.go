package wahasim_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/waha/wahasim"
)

var hiddenID = regexp.MustCompile(`\b2\d+@lid`) // a lead's; the CS number's begins with 19

// TestShown_isWhatRESTSays holds that a receiver that reads everything, labels,
// chats and hidden ids, ends up with Shown, whatever happened before: that the
// truth and REST are one.
func TestShown_isWhatRESTSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		engine := rapid.SampledFrom([]wahasim.Engine{wahasim.GOWS, wahasim.NOWEB, wahasim.WEBJS}).Draw(rt, "engine")
		w := newWorld(t, engine, func(c *wahasim.NodeConfig) { c.Seed = rapid.Uint64().Draw(rt, "seed") })
		defer w.node.Close()
		defer w.web.Close()
		if rapid.Bool().Draw(rt, "two hidden ids") {
			w.breaks(wahasim.Trouble{Fault: wahasim.TwoLIDs, Share: 0.5})
		}
		if rapid.Bool().Draw(rt, "unknown hidden ids") {
			w.breaks(wahasim.Trouble{Fault: wahasim.LidsNull, Share: 0.5})
		}
		phones := map[string]string{} // as messages tell
		leads := []wahasim.Lead{budi, sari, anon, {Phone: "6281299900013", LID: "201000000000013"}, {Phone: "6281299900014", LID: "201000000000014", Hidden: true}}
		for range rapid.IntRange(0, 40).Draw(rt, "steps") {
			l := rapid.SampledFrom(leads).Draw(rt, "lead").As(rapid.Bool().Draw(rt, "hidden"))
			id := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(rt, "label")
			switch rapid.IntRange(0, 8).Draw(rt, "what") {
			case 0, 1, 2, 3:
				w.label(l, id)
			case 4, 5:
				w.unlabel(l, id)
			case 6:
				ev := w.cs1.Message(w.tick(), wahasim.Message{Lead: l, Text: "x", Reveal: true})
				if engine != wahasim.WEBJS && l.Phone != "" && l.LID != "" {
					phones[hiddenID.FindString(string(ev.Body))] = l.Phone
				}
				w.node.Emit(ev)
			case 7:
				w.node.Emit(w.cs1.DeleteLabel(w.tick(), id), w.cs1.Upsert(w.tick(), wahasim.Label{ID: id, Name: "New " + id}))
			case 8:
				w.node.Emit(w.cs1.LabelChat(w.tick(), "120363@g.us", id, rapid.Bool().Draw(rt, "on")))
			}
		}
		got := read(t, w, phones)
		want := map[string]bool{}
		for _, a := range w.srv.Shown() {
			want[fmt.Sprintf("%s %s %s", a.Lead, a.LabelID, a.LabelName)] = true
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			rt.Error(diff)
		}
	})
}

// read is what a careful receiver makes of REST: "lead label name".
func read(t *testing.T, w *world, phones map[string]string) map[string]bool {
	t.Helper()
	c, ctx := w.client(readKey), t.Context()
	for offset := 0; ; offset += 2 {
		pairs, err := c.Lids(ctx, "cs1", 2, offset)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pairs {
			phones[p.Hidden] = p.Phone // never another than a message told
		}
		if len(pairs) < 2 {
			break
		}
	}
	labels, _, err := c.Labels(ctx, "cs1")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, l := range labels {
		chats, _, err := c.LabelChats(ctx, "cs1", l.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, chat := range chats {
			user, server, _ := strings.Cut(chat, "@")
			if server == "g.us" {
				continue
			}
			lead := user
			if server == "lid" {
				lead = cmp.Or(phones[chat], chat)
			}
			got[fmt.Sprintf("%s %s %s", lead, l.ID, l.Name)] = true
			of, _, err := c.ChatLabels(ctx, "cs1", chat)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(of, l) {
				t.Errorf("%s is listed under label %s, and has only %v", chat, l.ID, of)
			}
		}
	}
	return got
}
