package chaos

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// TestInboxReadOnlyAtStart starts Tandai on a disk that is mounted read-only, and
// mounts it anew while it runs.
func TestInboxReadOnlyAtStart(t *testing.T) {
	t.Parallel()
	dir := tmpfs(t, "64m")
	x := newScene(t, setup{dir: dir})
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(syscall.MS_RDONLY)
	p := x.n.serve(t)
	x.d.lead(p.url)
	x.refuses(t, p)
	if r := x.n.run(t, "doctor"); r.code != 1 || !strings.Contains(r.out, "read-only") {
		t.Errorf("doctor: exit %d, want 1\n%s%s", r.code, r.out, r.errors)
	}
	remount(0)
	p.until("deliveries are taken again", patience, func(r readiness) bool { return r.code == http.StatusOK })
	x.finish(t, p)
}
