package chaos

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hmacKey is what the simulated WAHA signs with.
const hmacKey = "a key for tests"

// node is one installation of Tandai: a data folder and a configuration, served
// by one process at a time.
type node struct {
	bin, dir, file string
	uid            int // who runs it; 0 = who runs the tests
}

// setup is what differs between nodes. The zero value is SQLite in a folder of
// the test's.
type setup struct {
	bin      string // the usual binary when empty
	dir      string // the data folder; a temporary one when empty
	database string // sqlite when empty
	more     string // further YAML
	uid      int
}

func newNode(t testing.TB, s setup) *node {
	t.Helper()
	if s.bin == "" {
		s.bin = tandai(t)
	}
	if s.dir == "" {
		s.dir = filepath.Join(t.TempDir(), "data")
	}
	n := &node{bin: s.bin, dir: s.dir, uid: s.uid, file: filepath.Join(t.TempDir(), "tandai.yaml")}
	if s.uid != 0 {
		n.file = s.dir + ".yaml" // a test's own folder is for its user alone
	}
	n.configure(t, s.database, s.more)
	return n
}

// configure writes the configuration; the next start reads it.
func (n *node) configure(t testing.TB, database, more string) {
	t.Helper()
	if database == "" {
		database = "sqlite"
	}
	if !strings.Contains(more, "waha:") {
		more += fmt.Sprintf("waha: {hmac_key: %q}\n", hmacKey)
	}
	text := fmt.Sprintf("addr: 127.0.0.1:0\ndata_dir: %s\ndatabase: %q\nlog: {format: json}\n%s", n.dir, database, more)
	err := os.WriteFile(n.file, []byte(text), 0o600)
	if err == nil && n.uid != 0 {
		err = os.Chown(n.file, n.uid, n.uid)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (n *node) inboxFile() string { return filepath.Join(n.dir, "inbox.db") }
func (n *node) storeFile() string { return filepath.Join(n.dir, "tandai.db") }

// command is the program with a clean environment.
func (n *node) command(args ...string) *exec.Cmd {
	cmd := exec.Command(n.bin, append(args, "--config", n.file)...)
	cmd.Dir = filepath.Dir(n.bin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "GORACE=halt_on_error=0"}
	return cmd
}

// result is what became of a command.
type result struct {
	code        int
	out, errors string
}

// run runs a command of the program to its end.
func (n *node) run(t testing.TB, args ...string) result {
	t.Helper()
	cmd := n.command(args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := start(cmd, n.uid); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	stop.Stop()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{cmd.ProcessState.ExitCode(), out.String(), problems.String()}
	if strings.Contains(r.errors, "panic:") || strings.Contains(r.errors, "DATA RACE") {
		t.Errorf("%s: %s", cmd, r.errors)
	}
	return r
}

// verify runs `tandai verify`, which must find nothing.
func (n *node) verify(t testing.TB) {
	t.Helper()
	if r := n.run(t, "verify"); r.code != 0 {
		t.Errorf("tandai verify: exit %d\n%s%s", r.code, r.out, r.errors)
	}
}
