package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a tandai serve of its own.
type process struct {
	cmd *exec.Cmd
	url string
	rss []float64 // MiB, one a second
}

func startServe(_ context.Context, opt Options, db *database, dir string, more ...string) (*process, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	log, err := os.OpenFile(filepath.Join(dir, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(opt.Binary, append([]string{"serve", "--addr", addr, "--data-dir", dir, "--database", db.url}, more...)...)
	cmd.Env = append(os.Environ(), "TANDAI_WAHA_HMAC_KEY="+hmacKey)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd: cmd, url: "http://" + addr}, nil
}

// ready waits until the door is open and the database up.
func (p *process) ready(ctx context.Context) error {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		res, err := http.Get(p.url + "/readyz")
		if err == nil {
			var text [512]byte
			n, _ := res.Body.Read(text[:])
			res.Body.Close()
			if res.StatusCode == http.StatusOK && strings.Contains(string(text[:n]), `"database":"up"`) {
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("not ready within a minute")
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// sampleRSS notes the resident memory. Source: proc(5), status, VmRSS in kB.
func (p *process) sampleRSS() {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				p.rss = append(p.rss, kb/1024)
			}
		}
	}
}

// startToReady is the time from starting the process to its first ready answer.
func startToReady(ctx context.Context, opt Options, db *database, dir string) (time.Duration, error) {
	started := time.Now()
	p, err := startServe(ctx, opt, db, dir)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	if err := p.ready(ctx); err != nil {
		return 0, err
	}
	return time.Since(started), nil
}
