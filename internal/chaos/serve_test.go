package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is what a machine that is busy with other tests may need for
// something that takes a moment.
const patience = 90 * time.Second

// serve is one run of `tandai serve`.
type serve struct {
	t     testing.TB
	cmd   *exec.Cmd
	url   string // of the door's host
	log   *lines
	ended chan struct{}
}

// launch starts the process and waits for nothing.
func (n *node) launch(t testing.TB) *serve {
	t.Helper()
	s := &serve{t: t, cmd: n.command("serve"), log: newLines(), ended: make(chan struct{})}
	s.cmd.Stderr = s.log
	if err := start(s.cmd, n.uid); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is in its state
		close(s.ended)
	}()
	t.Cleanup(s.bury)
	return s
}

// serve starts the process and waits until the door is open.
func (n *node) serve(t testing.TB) *serve {
	t.Helper()
	s := n.launch(t)
	s.open()
	return s
}

// open waits until the door is open.
func (s *serve) open() {
	s.t.Helper()
	line, ok := s.log.wait(`"msg":"door is open"`, s.ended, patience)
	var said struct{ Addr string }
	if !ok || json.Unmarshal([]byte(line), &said) != nil {
		s.t.Fatalf("the door did not open:\n%s", s.log.tail(30))
	}
	s.url = "http://" + said.Addr
}

// somebody is a number or a hidden id of the story.
var somebody = regexp.MustCompile(`\b6281[12]\d{8,9}\b|\b[29]\d{13}\b`)

// bury ends what is left of the process, and fails the test for what must not
// stand in any log.
func (s *serve) bury() {
	s.kill()
	text := s.log.text()
	for _, bad := range []string{"panic:", "fatal error:", "DATA RACE", hmacKey} {
		if strings.Contains(text, bad) {
			s.t.Errorf("serve wrote %q:\n%s", bad, text[max(0, strings.Index(text, bad)-500):])
		}
	}
	if who := somebody.FindString(text); who != "" {
		s.t.Errorf("serve wrote %s in clear", who)
	}
	if s.t.Failed() {
		s.t.Logf("the end of what serve wrote:\n%s", s.log.tail(15))
	}
}

// kill ends the process as kill -9 does.
func (s *serve) kill() {
	_ = s.cmd.Process.Kill() // it may be gone already
	<-s.ended
}

// forgotNothing fails the test where the database was found to lack what it had
// taken: in tests that take nothing from it, something was settled too early.
func (s *serve) forgotNothing() {
	s.t.Helper()
	if line, ok := s.log.find("database had lost events"); ok {
		s.t.Errorf("events were settled and not recorded: %s", line)
	}
}

// stop asks the process to end, which it must do in time and with exit code 0.
func (s *serve) stop() {
	s.t.Helper()
	s.stopWithin(patience)
}

func (s *serve) stopWithin(most time.Duration) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("serve was gone before it was stopped: %v\n%s", err, s.log.tail(30))
	}
	select {
	case <-s.ended:
	case <-time.After(most):
		log := s.log.tail(30)
		_ = s.cmd.Process.Signal(syscall.SIGQUIT) // it says where it is then
		<-s.ended
		s.t.Fatalf("serve is still there %v after SIGTERM:\n%s\n%s", most, log, s.log.text())
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("serve ended with %v after SIGTERM, want exit code 0:\n%s", s.cmd.ProcessState, s.log.tail(30))
	}
}

// readiness is what /readyz says.
type readiness struct {
	code     int
	Status   string
	Inbox    string
	Waiting  int64
	Database string
}

// plain is a client that shares no connection with anything.
var plain = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func (s *serve) ready() (r readiness, err error) {
	res, err := plain.Get(s.url + "/readyz")
	if err != nil {
		return r, err
	}
	defer res.Body.Close()
	r.code = res.StatusCode
	return r, json.NewDecoder(res.Body).Decode(&r)
}

// until polls /readyz until what it says is as wanted.
func (s *serve) until(what string, most time.Duration, ok func(readiness) bool) readiness {
	s.t.Helper()
	var r readiness
	var err error
	for deadline := time.Now().Add(most); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if r, err = s.ready(); err == nil && ok(r) {
			return r
		}
		select {
		case <-s.ended:
			s.t.Fatalf("serve ended by itself, %v:\n%s", s.cmd.ProcessState, s.log.tail(30))
		default:
		}
	}
	s.t.Fatalf("%s: not within %v; /readyz says %+v, %v\n%s", what, most, r, err, s.log.tail(30))
	return r
}

// drained waits until the database is up and nothing waits any more.
func (s *serve) drained() {
	s.t.Helper()
	s.until("everything recorded", patience, func(r readiness) bool {
		return r.code == http.StatusOK && r.Database == "up" && r.Waiting == 0
	})
}

// records waits until the database is up and rows come to be added to the log,
// while a load goes on.
func (s *serve) records() {
	s.t.Helper()
	const rows = "tandai_log_rows_total"
	before := s.metric(rows)
	s.until("recording goes on", patience, func(r readiness) bool { return r.Database == "up" && s.metric(rows) > before+50 })
}

// metric reads one number of /metrics; labels as they stand there.
func (s *serve) metric(name string) float64 {
	s.t.Helper()
	res, err := plain.Get(s.url + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	for in := bufio.NewScanner(res.Body); in.Scan(); {
		if text, ok := strings.CutPrefix(in.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return v
		}
	}
	s.t.Fatalf("/metrics has no %s", name)
	return 0
}

// get reads one page.
func get(ctx context.Context, url string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := plain.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}
