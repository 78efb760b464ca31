//go:build unix

package n8n

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Environment of a run in a real n8n, set by scripts/test-n8n.sh.
const (
	envN8N    = "TANDAI_N8N"        // n8n's program, run by the node in PATH
	envWAHA   = "TANDAI_N8N_WAHA"   // folder of the package with the WAHA Trigger
	envBinary = "TANDAI_N8N_BINARY" // the tandai program
)

// patience is for what takes a moment on a quiet machine.
const patience = 3 * time.Minute

// relayKey signs what is sent to the workflow that looks at signatures.
const relayKey = "a-key-of-the-destination"

// server is a running n8n with all three workflows awake.
type server struct {
	url  string
	home string
	env  []string
	out  *output
}

// startN8N imports credentials of the database and the workflows into a fresh
// n8n, and starts it on loopback. It phones nobody.
func startN8N(t *testing.T, dsn string) *server {
	t.Helper()
	program := os.Getenv(envN8N)
	if program == "" {
		t.Skipf("%s is not set: make test-n8n runs this", envN8N)
	}
	s := &server{home: t.TempDir(), out: &output{}}
	port, broker := freePort(t), freePort(t)
	s.url = "http://127.0.0.1:" + port
	s.env = append(os.Environ(),
		"HOME="+s.home, "N8N_USER_FOLDER="+s.home, "N8N_ENCRYPTION_KEY=of-this-run-alone",
		"N8N_LISTEN_ADDRESS=127.0.0.1", "N8N_HOST=127.0.0.1", "N8N_PORT="+port, "N8N_SECURE_COOKIE=false",
		"N8N_RUNNERS_BROKER_PORT="+broker, "N8N_RUNNERS_BROKER_LISTEN_ADDRESS=127.0.0.1",
		"N8N_DIAGNOSTICS_ENABLED=false", "N8N_VERSION_NOTIFICATIONS_ENABLED=false", "N8N_TEMPLATES_ENABLED=false",
		"N8N_PERSONALIZATION_ENABLED=false", "N8N_HIRING_BANNER_ENABLED=false", "N8N_LICENSE_AUTO_RENEW_ENABLED=false",
		"N8N_DYNAMIC_BANNERS_ENABLED=false", "N8N_UNVERIFIED_PACKAGES_ENABLED=false", "N8N_REINSTALL_MISSING_PACKAGES=false",
		"EXTERNAL_FRONTEND_HOOKS_URLS=", "N8N_DIAGNOSTICS_CONFIG_FRONTEND=", "N8N_DIAGNOSTICS_CONFIG_BACKEND=",
		"N8N_AI_ENABLED=false", "N8N_LOG_LEVEL=info", "NO_COLOR=1", "NODE_ENV=production",
		// The third workflow reads its key from here.
		"N8N_BLOCK_ENV_ACCESS_IN_NODE=false", "TANDAI_RELAY_KEY="+relayKey,
	)
	modules := filepath.Join(s.home, ".n8n", "nodes", "node_modules", "@devlikeapro")
	if err := os.MkdirAll(modules, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(modules, "n8n-nodes-waha"), os.DirFS(os.Getenv(envWAHA))); err != nil {
		t.Fatal(err)
	}
	s.importCredentials(t, dsn)
	for _, file := range files {
		s.run(t, "import:workflow", "--input="+file)
		s.run(t, "update:workflow", "--id="+load(t, file).ID, "--active=true")
	}

	cmd := s.command("start")
	cmd.Stdout, cmd.Stderr = s.out, s.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the log says why, if it should not have
		close(ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // and what it started
		<-ended
		if t.Failed() {
			t.Logf("n8n said:\n%s", s.out.tail())
		}
	})
	within(t, "n8n did not wake up", func() bool {
		select {
		case <-ended:
			t.Fatalf("n8n ended:\n%s", s.out.tail())
		default:
		}
		for _, file := range files {
			code, err := post(s.hook(t, file), []byte(`{"event":"session.status"}`), nil)
			if err != nil || code == http.StatusNotFound {
				return false
			}
		}
		return true
	})
	return s
}

// startTandai serves on loopback, passes on to both workflows that stand behind
// it, and returns its door.
func startTandai(t *testing.T, dsn string, n *server) string {
	t.Helper()
	dir, addr, out := t.TempDir(), "127.0.0.1:"+freePort(t), &output{}
	config := fmt.Sprintf(`addr: %s
data_dir: %s/data
database: %s
waha: {hmac_key: my-secret-key}
relay:
  destinations:
    - {name: n8n, url: %s, key: another-key}
    - {name: n8n-own, url: %s, key: %s, enrich: true, events: [label.chat.added, label.chat.deleted]}
`, addr, dir, dsn, n.hook(t, "behind-tandai.json"), n.hook(t, "triggered-by-tandai.json"), relayKey)
	if err := os.WriteFile(filepath.Join(dir, "tandai.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Getenv(envBinary), "serve", "--config", filepath.Join(dir, "tandai.yaml"))
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(time.Minute):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("tandai said:\n%s", out.tail())
		}
	})
	within(t, "tandai did not wake up", func() bool {
		select {
		case <-ended:
			t.Fatalf("tandai ended:\n%s", out.tail())
		default:
		}
		answer, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return "http://" + addr + "/webhooks/waha"
}

// hook is where a workflow's trigger is reached.
func (s *server) hook(t *testing.T, file string) string {
	t.Helper()
	for _, n := range load(t, file).Nodes {
		switch {
		case strings.HasSuffix(n.Type, ".wahaTrigger"):
			return s.url + "/webhook/" + n.WebhookID + "/waha"
		case n.WebhookID != "":
			return s.url + "/webhook/" + n.Parameters["path"].(string)
		}
	}
	t.Fatalf("%s has no trigger", file)
	return ""
}

func (s *server) importCredentials(t *testing.T, dsn string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(u.Port())
	password, _ := u.User.Password()
	var all []any
	for _, n := range load(t, "original.json").Nodes {
		for kind, c := range n.Credentials {
			all = append(all, map[string]any{"id": c.ID, "name": c.Name, "type": kind, "data": map[string]any{
				"host": u.Hostname(), "port": port, "database": strings.TrimPrefix(u.Path, "/"),
				"user": u.User.Username(), "password": password, "connectTimeout": 10_000, "ssl": false, "sshTunnel": false,
			}})
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.home, "credentials.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "import:credentials", "--input="+file)
}

func (s *server) command(args ...string) *exec.Cmd {
	cmd := exec.Command("node", append([]string{os.Getenv(envN8N)}, args...)...)
	cmd.Env = s.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // n8n has children
	return cmd
}

// run runs one of n8n's commands to its end.
func (s *server) run(t *testing.T, args ...string) {
	t.Helper()
	started := time.Now()
	out, err := s.command(args...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("An error occurred")) {
		t.Fatalf("n8n %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("n8n %s (%v)", args[0], time.Since(started).Round(time.Second))
}

// post sends a body as WAHA and Tandai do, and returns the status.
func post(to string, body []byte, headers http.Header) (int, error) {
	r, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for name, values := range headers {
		r.Header[name] = values
	}
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// signed are the headers of a body that is signed with key.
func signed(key string, body []byte) http.Header {
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write(body)
	return http.Header{
		"Content-Type": {"application/json"}, "X-Webhook-Hmac": {hex.EncodeToString(mac.Sum(nil))}, "X-Webhook-Hmac-Algorithm": {"sha512"},
	}
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// output keeps the end of what a process wrote.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	if over := len(o.text) - 1<<20; over > 0 {
		o.text = o.text[over:]
	}
	return len(p), nil
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text[max(0, len(o.text)-8000):])
}
