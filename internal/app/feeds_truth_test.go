package app

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tandai/internal/waha/wahasim"
)

// TestServe_websocketThatBreaks: labels are put on and taken off while WAHA
// restarts again and again, so that much is sent while nobody listens. When it is
// quiet the active labels are exactly what the phone shows.
func TestServe_websocketThatBreaks(t *testing.T) {
	sim := wahasim.New(wahasim.Config{Seed: 3})
	phone, err := sim.AddPhone(wahasim.PhoneConfig{Session: "cs1", Engine: wahasim.GOWS, Number: "6281199900001"})
	if err != nil {
		t.Fatal(err)
	}
	node := wahasim.NewNode(sim, wahasim.NodeConfig{Seed: 3, Keys: []wahasim.Key{{Key: "waha-api-key"}}})
	web := httptest.NewServer(node)
	t.Cleanup(func() { node.Close(); web.CloseClientConnections(); web.Close() })
	cfg := configured(t, "waha: {url: '"+web.URL+"', api_key: waha-api-key, feed: websocket}\nreconcile: {confirm_after: 200ms}\n")
	r := serve(t, cfg)
	r.until("it listens", func(_ int, state readiness) bool {
		return node.Sockets() == 1 && len(state.Feeds) == 1 && state.Feeds[0].State == "connected"
	})
	draw := rand.New(rand.NewPCG(3, 3))
	now := func() int64 { return time.Now().UnixMilli() }
	for _, id := range []string{"1", "2", "3"} {
		node.Emit(phone.Upsert(now(), wahasim.Label{ID: id, Name: "Grade " + id}))
	}
	missed := 0
	for n := range 240 {
		if n == 60 || n == 160 {
			node.RestartProcess()
		}
		if node.Sockets() == 0 {
			missed++
		}
		lead := wahasim.Lead{Phone: fmt.Sprintf("62812999%05d", draw.IntN(40)), Name: "x"}
		id := fmt.Sprint(1 + draw.IntN(3))
		if draw.IntN(3) == 0 {
			node.Emit(phone.Unlabel(now(), lead, id))
		} else {
			node.Emit(phone.Label(now(), lead, id))
		}
		time.Sleep(8 * time.Millisecond) // so that no two share a millisecond, and pauses of the feed fall among them
	}
	if missed == 0 {
		t.Fatal("nothing was sent while nobody listened: this proves nothing")
	}
	var want []string
	for _, a := range sim.Shown() {
		want = append(want, a.Lead+" "+a.LabelID)
	}
	slices.Sort(want)
	var got []string
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
		got = got[:0]
		for _, a := range activeLabels(t, cfg, nil) {
			got = append(got, a.Lead+" "+a.LabelID)
		}
		if slices.Equal(got, want) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d events were missed; active\n%s\nwant\n%s\n%s", missed, 240, strings.Join(got, "\n"), strings.Join(want, "\n"), r.log)
		}
	}
	t.Logf("%d of 240 events were sent while nobody listened; %d labels are active", missed, len(want))
}
