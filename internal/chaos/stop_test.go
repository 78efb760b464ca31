package chaos

import (
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestStopUnderLoad asks Tandai to stop in the middle of a load: who was being
// read gets an answer, what was acknowledged is there, and it ends in time.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{more: brief})
	s, c, d := newStory(rng, cast{sessions: 2, people: 50}), newCourier(t, rng, 16), newDoor()
	stop := c.load(t, s, 600, to(d))
	var extra []*parcel
	for range 3 {
		p := n.serve(t)
		d.lead(p.url)
		p.until("the inbox is open", patience, func(r readiness) bool { return r.code == http.StatusOK })
		time.Sleep(200*time.Millisecond + upTo(rng, 200*time.Millisecond))

		// These are certainly being read: they were told to go on.
		var reading []*hung
		var bodies []*parcel
		for range 20 {
			x := &parcel{said: newStory(rng, cast{sessions: 1, people: 50, prefix: "stop_"}).next(), door: d}
			h := hang(t, p, x.body, "Expect: 100-continue")
			_ = h.conn.SetReadDeadline(time.Now().Add(patience))
			for range 2 {
				if _, err := h.in.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
			}
			reading, bodies = append(reading, h), append(bodies, x)
		}
		started := time.Now()
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if _, ok := p.log.wait(`"msg":"stopping`, p.ended, patience); !ok {
			t.Fatalf("it does not stop:\n%s", p.log.tail(10))
		}
		var answers sync.WaitGroup
		for i, h := range reading {
			answers.Go(func() {
				time.Sleep(100 * time.Millisecond)
				if _, err := h.conn.Write(h.rest); err != nil {
					t.Errorf("who was being read at the stop was cut off: %v", err)
					return
				}
				code, _ := h.answer(patience)
				if code != http.StatusOK {
					t.Errorf("who was being read at the stop is answered %d, want 200", code)
					return
				}
				bodies[i].acked.Store(true)
			})
		}
		answers.Wait()
		select {
		case <-p.ended:
		case <-time.After(patience):
			t.Fatalf("still there:\n%s", p.log.tail(10))
		}
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("exit code %d after SIGTERM under load, want 0:\n%s", code, p.log.tail(10))
		}
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("the stop took %v", took)
		}
		d.lead("")
		extra = append(extra, bodies...)
		in := peek(t, n.inboxFile())
		acknowledged(t, c.sent(), d, in)
		acknowledged(t, extra, d, in)
	}
	p := n.serve(t)
	d.lead(p.url)
	c.finish(t, stop)
	p.drained()
	p.stop()
	in := readInbox(t, n.inboxFile())
	for id, k := range in {
		if k.state == 0 {
			t.Errorf("%s still waits", id)
		}
	}
	acknowledged(t, c.sent(), d, in)
	acknowledged(t, extra, d, in)
	wanted := map[string]said{}
	for _, p := range append(c.sent(), extra...) {
		if _, ok := in[p.id]; ok && p.in != nil && p.in.Event != nil {
			wanted[p.id] = p.said
		}
	}
	logged(t, database(t, n, ""), wanted)
	n.verify(t)
}

// TestStopBesideHungSenders stops Tandai while senders hang that never go on.
func TestStopBesideHungSenders(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{more: brief})
	s := newStory(rng, cast{sessions: 1, people: 10})
	p := n.serve(t)
	p.until("the inbox is open", patience, func(r readiness) bool { return r.code == http.StatusOK })
	var all []*hung
	for range 50 {
		all = append(all, hang(t, p, s.next().body))
	}
	dial(t, p) // and one that says nothing at all
	started := time.Now()
	p.stop()
	t.Logf("stopped in %v beside senders that hang", time.Since(started).Round(time.Millisecond))
	for _, h := range all {
		if code, _ := h.answer(time.Second); code == http.StatusOK || code == -1 {
			t.Fatalf("a sender that hung at the stop is answered %d", code)
		}
	}
}
