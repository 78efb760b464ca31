package chaos

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestDemo fills a demo as large as it is by default, with the program as people
// have it: with the race detector in it that takes most of a minute.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(tandai(t), args...)
		cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tandai %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	out := run("demo", "--fill", "--dir", dir)
	counted := regexp.MustCompile(`(\d+) deliveries received, (\d+) rows in the label log`).FindStringSubmatch(out)
	if counted == nil {
		t.Fatalf("the demo does not say what it filled:\n%s", out)
	}
	if rows, err := strconv.Atoi(counted[2]); err != nil || rows < 5000 {
		t.Errorf("%s rows in the label log; 3,000 leads over 90 days have more", counted[2])
	}
	run("verify", "--config", filepath.Join(dir, "tandai.yaml"))
}
