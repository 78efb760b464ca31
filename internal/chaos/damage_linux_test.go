package chaos

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scene is a node with some events recorded, stopped.
type scene struct {
	n *node
	s *story
	c *courier
	d *door
}

func newScene(t *testing.T, with setup) *scene {
	t.Helper()
	rng, _ := seeded(t)
	x := &scene{n: newNode(t, with), s: newStory(rng, cast{sessions: 2, people: 40}), c: newCourier(t, rng, 8), d: newDoor()}
	p := x.n.serve(t)
	x.d.lead(p.url)
	x.feed(300)
	allAnswered(t, x.c)
	p.drained()
	x.d.lead("")
	p.stop()
	return x
}

// feed lets the story go on for some deliveries that are tried until they are
// taken, try for some that are tried once.
func (x *scene) feed(n int) {
	for range n {
		x.c.add(&parcel{said: x.s.next(), door: x.d})
	}
}

func (x *scene) try(n int) {
	for range n {
		x.c.add(&parcel{said: x.s.next(), door: x.d, forget: true})
	}
}

// refuses checks that p takes nothing and says so everywhere.
func (x *scene) refuses(t *testing.T, p *serve) {
	t.Helper()
	taken, refused := x.c.answered(http.StatusOK), x.c.answered(http.StatusServiceUnavailable)
	x.try(50)
	allAnswered(t, x.c)
	if n := x.c.answered(http.StatusOK) - taken; n != 0 {
		t.Errorf("%d of 50 deliveries were acknowledged", n)
	}
	if n := x.c.answered(http.StatusServiceUnavailable) - refused; n != 50 {
		t.Errorf("%d of 50 deliveries were answered 503", n)
	}
	if r, err := p.ready(); err != nil || r.code != http.StatusServiceUnavailable {
		t.Errorf("/readyz = %+v, %v; want 503", r, err)
	}
	_, opened := p.log.wait(`"level":"ERROR","msg":"inbox cannot`, p.ended, 10*time.Second)
	if !opened {
		t.Errorf("nothing in the log says so:\n%s", p.log.tail(10))
	}
}

// finish delivers what is left and settles the accounts.
func (x *scene) finish(t *testing.T, p *serve) {
	t.Helper()
	x.feed(50)
	x.c.finish(t, func() {})
	p.drained()
	p.stop()
	settle(t, x.n, "", x.s, x.c.sent(), map[*door]map[string]kept{x.d: readInbox(t, x.n.inboxFile())})
}

// TestInboxCorruptAtStart overwrites the middle of the inbox while Tandai is
// down; moved aside it makes room for a new one.
func TestInboxCorruptAtStart(t *testing.T) {
	t.Parallel()
	x := newScene(t, setup{})
	mangle(t, x.n.inboxFile())
	p := x.n.serve(t)
	x.d.lead(p.url)
	x.refuses(t, p)
	if r := x.n.run(t, "doctor"); r.code != 1 || !strings.Contains(r.out, "move it aside") {
		t.Errorf("doctor: exit %d, want 1 and what to do\n%s%s", r.code, r.out, r.errors)
	}
	aside(t, x.n, t.TempDir())
	p.until("deliveries are taken again", patience, func(r readiness) bool { return r.code == http.StatusOK })
	// What was recorded is recorded; only the bodies of it are gone.
	recorded := x.c
	x.c = newCourier(t, recorded.rng, 8)
	x.feed(50)
	x.c.finish(t, func() {})
	p.drained()
	p.stop()
	acknowledged(t, x.c.sent(), x.d, readInbox(t, x.n.inboxFile()))
	wanted := map[string]said{}
	for _, sent := range [][]*parcel{recorded.sent(), x.c.sent()} {
		for _, p := range sent {
			if p.acked.Load() && p.in != nil && p.in.Event != nil {
				wanted[p.id] = p.said
			}
		}
	}
	logged(t, database(t, x.n, ""), wanted)
	x.n.verify(t)
}

// mangle overwrites the second half of a file.
func mangle(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) / 2; i < len(text); i++ {
		text[i] ^= 0xa5
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(text[len(text)/2:], int64(len(text)/2)); err != nil {
		t.Fatal(err)
	}
}

// aside moves the inbox with its log to another folder.
func aside(t *testing.T, n *node, to string) {
	t.Helper()
	for _, suffix := range []string{"-wal", "-shm", ""} {
		err := os.Rename(n.inboxFile()+suffix, filepath.Join(to, "inbox.db"+suffix))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// TestInboxReadOnlyWhileRunning puts another file in the inbox's place that
// Tandai may read but not write, and then the right one again.
func TestInboxReadOnlyWhileRunning(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED, NOT TESTED: an inbox that becomes read-only: another user is needed, so only root can test it")
	}
	t.Parallel()
	const nobody = 65534
	dir, err := os.MkdirTemp("", "tandai-chaos-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	_ = os.Chmod(dir, 0o755)
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	x := newScene(t, setup{dir: data, uid: nobody})
	p := x.n.serve(t)
	x.d.lead(p.url)
	x.feed(50)
	allAnswered(t, x.c)

	// In one step: where there is no file, Tandai makes one.
	kept, other := t.TempDir(), filepath.Join(t.TempDir(), "other.db")
	copyFile(t, x.n.inboxFile(), other)
	if err := os.Chmod(other, 0o444); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(x.n.inboxFile()+suffix, filepath.Join(kept, "inbox.db"+suffix)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(x.n.inboxFile(), filepath.Join(kept, "inbox.db")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, x.n.inboxFile()); err != nil {
		t.Fatal(err)
	}
	x.refuses(t, p)
	p.kill()
	p = x.n.serve(t)
	x.d.lead(p.url)
	x.refuses(t, p)
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(filepath.Join(kept, "inbox.db"+suffix), x.n.inboxFile()+suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	p.until("deliveries are taken again", patience, func(r readiness) bool { return r.code == http.StatusOK })
	x.finish(t, p)
}
