package mariadbtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long a server may take to answer, crash recovery and a
// machine busy with other tests included.
const startTimeout = 90 * time.Second

// errEnded says that mariadbd went away before it answered: most likely its
// port was taken.
var errEnded = errors.New("mariadbd ended while starting")

// Config says how a server differs from the usual one.
type Config struct {
	// Args are further options of mariadbd. They come last and so win:
	// "--innodb-buffer-pool-size=1G" for a benchmark.
	Args []string
}

// Server is a private MariaDB: user root without a password, on 127.0.0.1.
// Its methods may be called from several goroutines. Where Start made it,
// their errors also fail the test.
type Server struct {
	t    testing.TB // nil for New
	bin  binaries
	args []string
	dir  string // removed by Close
	port int
	w    *watcher

	mu   sync.Mutex
	proc *process // nil while the server is down
	gone bool     // Close was called
}

// process is one run of the server.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once it has been waited for
}

// New starts a server without a test: for benchmarks and scripts. The caller
// closes it; should the caller's process end without, it ends all the same.
// The error is ErrNotInstalled where there is nothing to start.
func New(cfg Config) (*Server, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tandai-mariadb-*")
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // as the server will name it
	}
	s := &Server{bin: bin, args: cfg.Args, dir: dir}
	if s.w, err = watch(dir); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start the watcher: %w", err)
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin makes the data folder and starts the server on a port that is free.
func (s *Server) begin() error {
	if err := os.Mkdir(filepath.Join(s.dir, "tmp"), 0o700); err != nil {
		return err
	}
	if err := copyTemplate(s.bin, filepath.Join(s.dir, "data")); err != nil {
		return err
	}
	var err error
	for range 5 { // another process may take the port in between
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.start(); !errors.Is(err, errEnded) {
			break
		}
	}
	if err != nil {
		return err
	}
	cfg, err := driverConfig(s.base())
	if err != nil {
		return err
	}
	return run(cfg, "CREATE DATABASE tandai CHARACTER SET utf8mb4")
}

// URL returns mysql://root@127.0.0.1:PORT/tandai, a database that was empty
// when the server was made. It stays the same over Restart.
func (s *Server) URL() string { return s.base() + "tandai" }

// DSN returns a further fresh database of this server, dropped when t ends.
// The server must be up then.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	return freshDatabase(t, s.base())
}

// base is the server's URL without a database.
func (s *Server) base() string { return fmt.Sprintf("mysql://root@127.0.0.1:%d/", s.port) }

// Kill ends the server with SIGKILL, as a power cut does except that the
// system's own write cache survives, and waits until it is gone. Killing a
// server that is down does nothing.
func (s *Server) Kill() error { return s.report("kill", s.end(syscall.SIGKILL)) }

// Stop ends the server in order and waits until it is gone. Stopping a server
// that is down does nothing.
func (s *Server) Stop() error { return s.report("stop", s.end(syscall.SIGTERM)) }

// Restart starts the server again on the same port and data folder and
// returns once it answers. A server that is up is stopped first.
func (s *Server) Restart() error {
	err := s.end(syscall.SIGTERM)
	if err == nil {
		err = s.start()
	}
	return s.report("restart", err)
}

// Close kills the server and removes everything of it. Further calls do
// nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	gone := s.gone
	s.gone = true
	s.mu.Unlock()
	if gone {
		return nil
	}
	return errors.Join(s.end(syscall.SIGKILL), os.RemoveAll(s.dir), s.w.release())
}

// start runs the server on s.port and waits until it answers.
func (s *Server) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return errors.New("the server was closed")
	}
	pidFile, logFile := filepath.Join(s.dir, "pid"), filepath.Join(s.dir, "error.log")
	cmd := launch(pidFile, s.bin.server, s.options(logFile))
	if err := cmd.Start(); err != nil {
		return err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		os.Remove(pidFile)
		close(p.done)
	}()
	s.proc = p

	deadline := time.Now().Add(startTimeout)
	for {
		err := s.answers()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			s.proc = nil
			log, _ := os.ReadFile(logFile)
			return fmt.Errorf("%w: %s", errEnded, tail(string(log)))
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("mariadbd does not answer on port %d after %v: %w", s.port, startTimeout, err)
		}
	}
}

// answers returns nil once the server on the port is up and is ours: where
// another process took the port first, its server may answer instead.
func (s *Server) answers() error {
	cfg, err := driverConfig(s.base())
	if err != nil {
		return err
	}
	dir, err := dataDir(cfg)
	if err == nil && filepath.Clean(dir) != filepath.Join(s.dir, "data") {
		err = fmt.Errorf("another server, with its data in %s", dir)
	}
	return err
}

// options are those of mariadbd. Durability is left at MariaDB's defaults,
// and said where a packager might have changed them.
func (s *Server) options(logFile string) []string {
	opts := []string{
		"--no-defaults",
		"--datadir=" + filepath.Join(s.dir, "data"),
		"--tmpdir=" + filepath.Join(s.dir, "tmp"),
		"--log-error=" + logFile,
		"--pid-file=mariadbd.pid",
		"--socket=mariadbd.sock", // in the data folder: a full path may be too long for a socket
		"--port=" + strconv.Itoa(s.port),
		"--bind-address=127.0.0.1",
		"--skip-networking=0",
		"--skip-name-resolve",
		"--character-set-server=utf8mb4",
		"--innodb-flush-log-at-trx-commit=1",
		"--innodb-doublewrite=1",
		logFileSize,
		"--innodb-buffer-pool-size=64M",
		"--innodb-buffer-pool-load-at-startup=0",
		"--innodb-buffer-pool-dump-at-shutdown=0",
		"--key-buffer-size=1M",
		"--aria-pagecache-buffer-size=8M",
		"--max-connections=500",
	}
	if os.Getuid() == 0 {
		opts = append(opts, "--user=root")
	}
	return append(opts, s.args...)
}

// end sends sig to a server that is up and waits until it is gone.
func (s *Server) end(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.proc
	if p == nil {
		return nil
	}
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		s.proc = nil
		return nil
	case <-time.After(startTimeout):
		return fmt.Errorf("mariadbd is still there %v after %v", startTimeout, sig)
	}
}

// report fails the test the server was started for, if any.
func (s *Server) report(what string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", what, err)
	if s.t != nil {
		s.t.Errorf("mariadbtest: %v", err)
	}
	return err
}

// freePort returns a port nobody listens on, below those that systems hand
// out for outgoing connections: one of these could take the port while the
// server is down, and it could not come back.
func freePort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 32000 on 127.0.0.1")
}
