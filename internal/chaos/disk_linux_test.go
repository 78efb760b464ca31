package chaos

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tmpfs mounts a file system of its own, which only root may.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=700"); err != nil {
		if os.Getenv("CI") != "" && os.Getuid() == 0 {
			t.Fatalf("mount a tmpfs: %v", err)
		}
		t.Skipf("SKIPPED, NOT TESTED: a full and a read-only disk: mounting a tmpfs needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// padded makes the story's label events large: WAHA's may carry members nobody
// knows, and they are kept as they came.
func padded(s *story, size int) func() said {
	pad := fmt.Appendf(nil, `"payload":{"pad":%q,`, strings.Repeat("x", size))
	return func() said {
		for {
			if d := s.next(); d.in != nil && d.in.Event != nil {
				d.body = bytes.Replace(d.body, []byte(`"payload":{`), pad, 1)
				return d
			}
		}
	}
}

// TestDiskFull fills the disk that Tandai lives on, kills it there, and makes
// room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, more string }{
		{"some must stay free", ""},
		{"to the last byte", "inbox: {min_free_bytes: 1}\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			rng, _ := seeded(t)
			dir := tmpfs(t, "20m")
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 10<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			n := newNode(t, setup{dir: dir, more: x.more})
			s := newStory(rng, cast{sessions: 2, people: 40})
			next := padded(s, 20_000)
			c := newCourier(t, rng, 8)
			d := newDoor()
			p := n.serve(t)
			d.lead(p.url)
			fill := func(enough func() bool) {
				for deadline := time.Now().Add(patience); !enough(); {
					if time.Now().After(deadline) {
						t.Fatalf("never: %v", c.answers)
					}
					c.add(&parcel{said: next(), door: d, forget: true})
				}
			}
			fill(func() bool { return c.answered(http.StatusServiceUnavailable) > 50 })
			if n := c.answered(http.StatusOK); n < 20 {
				t.Errorf("full after %d deliveries of 20 kB with 10 MiB", n)
			}
			if r, err := p.ready(); err != nil || r.code != http.StatusServiceUnavailable || r.Inbox == "ok" {
				t.Errorf("/readyz with a full disk = %+v, %v; want 503", r, err)
			}
			if _, ok := p.log.wait("inbox cannot write: webhooks are refused with 503", p.ended, 5*time.Second); !ok {
				t.Errorf("the log does not say that the inbox is full:\n%s", p.log.tail(10))
			}
			p.kill()
			d.lead("")
			acknowledged(t, c.sent(), d, peek(t, n.inboxFile()))
			p = n.serve(t)
			d.lead(p.url)
			refused := c.answered(http.StatusServiceUnavailable)
			fill(func() bool { return c.answered(http.StatusServiceUnavailable) > refused+20 })

			// Room comes back while it runs.
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			p.until("deliveries are taken again", patience, func(r readiness) bool { return r.code == http.StatusOK })
			taken := c.answered(http.StatusOK)
			fill(func() bool { return c.answered(http.StatusOK) > taken+50 })
			c.finish(t, func() {})
			p.drained()
			p.stop()
			settle(t, n, "", s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
		})
	}
}

// TestInboxLimit fills the inbox to its configured size, first with what is
// large, then with what still fits.
func TestInboxLimit(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{more: "inbox: {max_bytes: 16MiB}\n"})
	s := newStory(rng, cast{sessions: 2, people: 40})
	c := newCourier(t, rng, 4)
	d := newDoor()
	p := n.serve(t)
	d.lead(p.url)
	for _, next := range []func() said{padded(s, 300_000), s.next} {
		refused := c.answered(http.StatusServiceUnavailable)
		for c.answered(http.StatusServiceUnavailable) < refused+20 {
			if len(c.sent()) > 5000 {
				t.Fatalf("never full: %v", c.answers)
			}
			c.add(&parcel{said: next(), door: d, forget: true})
		}
		allAnswered(t, c)
	}
	if n := c.answered(http.StatusOK); n < 50 {
		t.Errorf("full after %d deliveries into 16 MiB", n)
	}
	if r, err := p.ready(); err != nil || r.code != http.StatusServiceUnavailable || r.Inbox == "ok" {
		t.Errorf("/readyz with a full inbox = %+v, %v; want 503", r, err)
	}
	// What the pipeline has to say of bodies is still written, and takes little.
	if used := p.metric("tandai_inbox_used_bytes"); used > 17<<20 {
		t.Errorf("the inbox takes %v bytes, its limit is 16 MiB", used)
	}
	d.lead("")
	p.stop()
	acknowledged(t, c.sent(), d, readInbox(t, n.inboxFile()))

	n.configure(t, "", "inbox: {max_bytes: 24MiB}\n")
	p = n.serve(t)
	d.lead(p.url)
	for range 100 {
		c.add(&parcel{said: s.next(), door: d})
	}
	c.finish(t, func() {})
	p.drained()
	p.stop()
	settle(t, n, "", s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}
