package mariadbtest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

func TestDSN_fresh_and_dropped(t *testing.T) {
	var first string
	t.Run("in use", func(t *testing.T) {
		first = DSN(t)
		second := DSN(t)
		if first == second {
			t.Fatalf("two calls gave the same database %s", first)
		}
		for _, dsn := range []string{first, second} {
			query(t, dsn, "CREATE TABLE t (id INT PRIMARY KEY)") // the second would clash if they shared
		}
		if got := query(t, first, "SELECT @@character_set_database"); got != "utf8mb4" {
			t.Errorf("character set %s, want utf8mb4", got)
		}
	})
	u, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/mysql"
	got := query(t, u.String(), "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '"+name+"'")
	if got != "0" {
		t.Errorf("database %s is still there after its test", name)
	}
}

func TestServer_survives_kill(t *testing.T) {
	s := Start(t)
	url := s.URL()
	query(t, url, "CREATE TABLE t (id INT PRIMARY KEY)")
	query(t, url, "INSERT INTO t VALUES (1), (2)")

	check(t, s.Kill())
	if err := run(config(t, url), "SELECT 1"); err == nil {
		t.Fatal("a killed server still answers")
	}
	check(t, s.Kill()) // a second time does nothing
	check(t, s.Restart())
	if s.URL() != url {
		t.Errorf("URL %s after a restart, want %s as before", s.URL(), url)
	}
	if got := query(t, url, "SELECT COUNT(*) FROM t"); got != "2" {
		t.Errorf("%s committed rows after SIGKILL, want 2", got)
	}

	check(t, s.Stop())
	check(t, s.Restart())
	check(t, s.Restart()) // from up
	if got := query(t, url, "SELECT @@innodb_flush_log_at_trx_commit"); got != "1" {
		t.Errorf("innodb_flush_log_at_trx_commit %s, want 1", got)
	}

	check(t, s.Close())
	check(t, s.Close())
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("stat %s after Close: %v, want gone", s.dir, err)
	}
	if err := s.start(); err == nil {
		t.Error("a closed server started again")
	}
}

func TestServer_args_win(t *testing.T) {
	s, err := New(Config{Args: []string{"--max-connections=77"}})
	if err != nil {
		unavailable(t, err)
	}
	defer s.Close()
	if got := query(t, s.URL(), "SELECT @@max_connections"); got != "77" {
		t.Errorf("max_connections %s, want 77 from Config.Args", got)
	}
}

// TestServer_ends_with_its_process runs this test binary again; the child
// starts a server and dies in one of several ways.
func TestServer_ends_with_its_process(t *testing.T) {
	if how := os.Getenv("MARIADBTEST_DIE"); how != "" {
		s, err := New(Config{})
		if err != nil {
			fmt.Println("no server:", err)
			os.Exit(0)
		}
		fmt.Println("pid", s.proc.cmd.Process.Pid, s.dir)
		switch how {
		case "panic":
			panic("as a test may")
		case "exit":
			os.Exit(3)
		case "SIGKILL":
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	if _, err := findBinaries(); err != nil {
		unavailable(t, err)
	}
	for _, how := range []string{"panic", "exit", "SIGKILL"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^"+"TestServer_ends_with_its_process"+"$")
			cmd.Env = append(os.Environ(), "MARIADBTEST_DIE="+how)
			out, _ := cmd.StdoutPipe()
			check(t, cmd.Start())
			var pid int
			var dir string
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if n, _ := fmt.Sscanf(lines.Text(), "pid %d %s", &pid, &dir); n == 2 {
					break
				}
			}
			if cmd.Wait() == nil || pid == 0 {
				t.Fatalf("the child started no server (pid %d) or did not die", pid)
			}
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				_, err := os.Stat(dir)
				if os.IsNotExist(err) && !running(pid) {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("20 s after %s: folder %v, server running %v", how, err, running(pid))
				}
			}
		})
	}
}

func TestDSN_without_mariadb(t *testing.T) {
	old := places
	defer func() { places = old }()
	places = nil
	t.Setenv("PATH", t.TempDir())
	if _, err := New(Config{}); !errors.Is(err, ErrNotInstalled) {
		t.Fatalf("New: %v, want ErrNotInstalled", err)
	}
	for _, tt := range []struct{ name, ci, want string }{
		{"skipped on a developer's machine", "", "skip"},
		{"failed in CI", "true", "fatal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CI", tt.ci)
			fake := &fakeTB{TB: t}
			done := make(chan struct{})
			go func() { // Skip and Fatal end their goroutine
				defer close(done)
				Start(fake)
			}()
			<-done
			if !strings.HasPrefix(fake.ended, tt.want) || !strings.Contains(fake.ended, "mariadb-server-core") {
				t.Errorf("ended with %q, want %s and what to install", fake.ended, tt.want)
			}
		})
	}
}

func TestServer_report_fails_the_test(t *testing.T) {
	fake := &fakeTB{TB: t}
	s := &Server{t: fake, gone: true}
	if err := s.Restart(); err == nil || !strings.Contains(fake.failed, "closed") {
		t.Errorf("Restart of a closed server: %v, test failed with %q", err, fake.failed)
	}
}

func TestDriverConfig(t *testing.T) {
	for _, bad := range []string{"", "root@127.0.0.1:3306", "postgres://a:secret@b/", "mysql://127.0.0.1:3306/", "mysql://a:secret@:3306/", "mysql://a:secret%zz@b/"} {
		if _, err := driverConfig(bad); err == nil {
			t.Errorf("driverConfig(%q) gave no error", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("driverConfig(%q) repeats the password: %v", bad, err)
		}
	}
	cfg, err := driverConfig("mysql://ayu:p%40ss@db.local/")
	check(t, err)
	if got, want := cfg.User+" "+cfg.Passwd+" "+cfg.Addr, "ayu p@ss db.local:3306"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTemplate_is_mended(t *testing.T) {
	bin, err := findBinaries()
	if err != nil {
		unavailable(t, err)
	}
	t.Setenv("TMPDIR", t.TempDir()) // a template of its own
	data := func() string { return filepath.Join(t.TempDir(), "data") }
	check(t, copyTemplate(bin, data()))
	tpl := templateDir(bin)
	want, ok := intact(tpl)
	if !ok {
		t.Fatalf("no template in %s after the first copy", tpl)
	}
	for _, tt := range []struct {
		name  string
		spoil func() error
	}{
		{"a file was swept away", func() error { return os.Remove(filepath.Join(tpl, "data", "ibdata1")) }},
		{"a file was cut", func() error { return os.Truncate(filepath.Join(tpl, "data", "ib_logfile0"), 10) }},
		{"others may write to it", func() error { return os.Chmod(tpl, 0o777) }},
		{"it is a symbolic link", func() error {
			return errors.Join(os.Rename(tpl, tpl+"-moved"), os.Symlink(tpl+"-moved", tpl))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, tt.spoil())
			if _, ok := intact(tpl); ok {
				t.Fatal("the spoilt template passes for intact")
			}
			dir := data()
			check(t, copyTemplate(bin, dir))
			if got, err := summary(dir); err != nil || len(strings.Split(got, "\n")) != len(strings.Split(want, "\n")) {
				t.Errorf("the new data folder differs from the first: %v", err)
			}
			if _, ok := intact(tpl); !ok {
				t.Error("the template was not mended")
			}
		})
	}
}

// fakeTB records how a helper ends its test.
type fakeTB struct {
	testing.TB
	ended, failed string
}

func (f *fakeTB) Skipf(format string, args ...any) {
	f.ended = "skip: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.ended = "fatal: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *fakeTB) Errorf(format string, args ...any) { f.failed = fmt.Sprintf(format, args...) }

// query runs one statement and returns its first value, if it has any.
func query(t *testing.T, dsn, statement string) string {
	t.Helper()
	cfg := config(t, dsn)
	u, err := url.Parse(dsn)
	check(t, err)
	cfg.DBName = strings.TrimPrefix(u.Path, "/")
	db, err := sql.Open("mysql", cfg.FormatDSN())
	check(t, err)
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	var v string
	if rows.Next() {
		check(t, rows.Scan(&v))
	}
	check(t, rows.Err())
	return v
}

func config(t *testing.T, dsn string) *mysql.Config {
	t.Helper()
	cfg, err := driverConfig(dsn)
	check(t, err)
	return cfg
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// running reports whether a process exists and is no zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}
