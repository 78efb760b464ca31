package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tandai/internal/waha"
)

// scriptCommands are what scripts can do beside testscript's own commands.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":   cmdExits,
	"start":   cmdStart,
	"serve":   cmdServe,
	"quit":    cmdQuit,
	"post":    cmdPost,
	"get":     cmdGet,
	"drained": cmdDrained,
	"grows":   cmdGrows,
	"sql":     cmdSQL,
	"json":    cmdJSON,
	"unsaid":  cmdUnsaid,

	"waha":     cmdWAHA,
	"sessions": cmdSessions,
	"awaits":   cmdAwaits,
	"fill":     cmdFill,
	"listens":  cmdListens,
	"hook":     cmdHook,
	"hooked":   cmdHooked,
}

// patience is for what happens within milliseconds on a machine that is idle.
const patience = 45 * time.Second

// stage is what one script has going on.
type stage struct {
	said    bytes.Buffer // all that programs have printed and answered, but not what those in running print
	running map[string]*background
	wahas   map[string]*simWAHA
}

// background is a program that runs beside the script; what it prints goes to
// $WORK/NAME.out and $WORK/NAME.err.
type background struct {
	cmd      *exec.Cmd
	out, err string
	done     chan struct{} // closed when it has ended
}

type stageKey struct{}

// setStage puts the bodies of testdata/bodies, one a line, into a script's folder.
func setStage(env *testscript.Env) error {
	s := &stage{running: map[string]*background{}}
	env.Values[stageKey{}] = s
	env.Defer(func() {
		for _, b := range s.running {
			_ = b.cmd.Process.Kill() // what has ended needs no killing
			<-b.done
		}
	})
	return os.CopyFS(env.WorkDir, os.DirFS(filepath.Join("testdata", "bodies")))
}

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

func usage(ts *testscript.TestScript, neg, ok bool, text string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", text)
	}
}

// cmdExits runs a program and wants exactly one exit code.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "exits CODE PROGRAM [ARGS…]")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	stageOf(ts).said.WriteString(ts.ReadFile("stdout") + ts.ReadFile("stderr"))
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdStart starts a program and waits until it prints what a pattern matches. The
// pattern's group, if it has one, becomes the variable NAME.
func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 3, "start NAME PATTERN PROGRAM [ARGS…]")
	name, pattern := args[0], regexp.MustCompile(args[1])
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	b := &background{cmd: exec.Command(path, args[3:]...), done: make(chan struct{})}
	b.out, b.err = filepath.Join(ts.Getenv("WORK"), name+".out"), filepath.Join(ts.Getenv("WORK"), name+".err")
	stdout, err := os.Create(b.out)
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(b.err)
	ts.Check(err)
	defer stderr.Close()
	b.cmd.Dir, b.cmd.Stdout, b.cmd.Stderr = ts.MkAbs("."), stdout, stderr
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "TANDAI_DATABASE", "TANDAI_WAHA_HMAC_KEY", "TANDAI_ADDR", "TANDAI_DATA_DIR", "TANDAI_TIMEZON",
		"TANDAI_WAHA_URL", "TANDAI_WAHA_API_KEY", "TANDAI_WAHA_FEED", "TANDAI_RECONCILE_CONFIRM_AFTER", "TANDAI_RECONCILE_ENABLED"} {
		if value := ts.Getenv(key); value != "" {
			b.cmd.Env = append(b.cmd.Env, key+"="+value)
		}
	}
	ts.Check(b.cmd.Start())
	go func() {
		_ = b.cmd.Wait() // its exit code is asked for by quit
		close(b.done)
	}()
	stageOf(ts).running[name] = b
	wait(ts, "for "+args[1], b.print, func() bool {
		if found := pattern.FindStringSubmatch(b.print()); found != nil {
			ts.Setenv(name, found[len(found)-1])
			return true
		}
		select {
		case <-b.done:
			ts.Fatalf("%s has ended (%v) without it:\n%s", name, b.cmd.ProcessState, b.print())
		default:
		}
		return false
	})
}

// cmdServe starts `tandai serve`, on a free port unless an address is given, and
// waits until its door is open. The variable NAME is its address.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 1, "serve NAME [FLAGS…]")
	program := []string{args[0], `door is open",? ?"?addr"?[=:]"?([^ ",]+)`, "tandai", "serve"}
	if !slices.Contains(args, "--addr") && ts.Getenv("TANDAI_ADDR") == "" {
		program = append(program, "--addr", "127.0.0.1:0")
	}
	cmdStart(ts, neg, append(program, args[1:]...))
}

// print is what the program has printed so far.
func (b *background) print() string {
	out, _ := os.ReadFile(b.out)
	err, _ := os.ReadFile(b.err)
	return string(out) + string(err)
}

// wait asks done again and again until it says yes.
func wait(ts *testscript.TestScript, what string, state func() string, done func() bool) {
	for deadline := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("waited %v %s:\n%s", patience, what, state())
		}
	}
}

// cmdQuit sends a signal to a program that start started, and wants an exit code.
func cmdQuit(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "quit NAME INT|TERM|KILL CODE")
	b := stageOf(ts).running[args[0]]
	signal := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[args[1]]
	if b == nil || signal == 0 {
		ts.Fatalf("no program %s, or no signal %s", args[0], args[1])
	}
	ts.Check(b.cmd.Process.Signal(signal))
	select {
	case <-b.done:
	case <-time.After(patience):
		ts.Fatalf("%s is still there:\n%s", args[0], b.print())
	}
	if got := strconv.Itoa(b.cmd.ProcessState.ExitCode()); got != args[2] {
		ts.Fatalf("exit code %s, want %s:\n%s", got, args[2], b.print())
	}
}

// cmdPost delivers every line of a file to a door, as WAHA does, and prints each
// answer's status and body.
func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	const form = "post [-key KEY] [-unsigned] [-hook PATH] HOST:PORT FILE"
	flags := flag.NewFlagSet("post", flag.ContinueOnError)
	key := flags.String("key", ts.Getenv("TANDAI_WAHA_HMAC_KEY"), "")
	unsigned := flags.Bool("unsigned", false, "")
	hook := flags.String("hook", "/webhooks/waha", "")
	usage(ts, neg, flags.Parse(args) == nil && flags.NArg() == 2, form)
	for line := range strings.Lines(ts.ReadFile(flags.Arg(1))) {
		body := strings.TrimSuffix(line, "\n")
		if body == "" {
			continue
		}
		req, err := http.NewRequest(http.MethodPost, "http://"+flags.Arg(0)+*hook, strings.NewReader(body))
		ts.Check(err)
		req.Header.Set("Content-Type", "application/json")
		if *key != "" && !*unsigned {
			req.Header.Set(waha.HeaderHmac, waha.Sign([]byte(*key), []byte(body)))
			req.Header.Set(waha.HeaderHmacAlgorithm, "sha512")
		}
		fetch(ts, req)
	}
}

// cmdGet prints the status and the body of an answer.
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 1, "get URL [HEADER: VALUE…]")
	req, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	for _, header := range args[1:] {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	fetch(ts, req)
}

// door follows no redirects: WAHA's POSTs must never meet one.
var door = &http.Client{
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func fetch(ts *testscript.TestScript, req *http.Request) {
	res, err := door.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	_, err = fmt.Fprintf(io.MultiWriter(ts.Stdout(), &stageOf(ts).said), "%d %s\n", res.StatusCode, bytes.TrimSpace(body))
	ts.Check(err)
}

// cmdDrained waits until all that was received is dealt with.
func cmdDrained(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "drained HOST:PORT")
	var state struct {
		Waiting  int64
		Database string
	}
	wait(ts, "until nothing waits", func() string { return fmt.Sprintf("%+v", state) }, func() bool {
		res, err := door.Get("http://" + args[0] + "/readyz")
		ts.Check(err)
		defer res.Body.Close()
		ts.Check(json.NewDecoder(res.Body).Decode(&state))
		return state.Waiting == 0 && state.Database == "up"
	})
}

// cmdGrows waits until a number on a page has become larger twice.
func cmdGrows(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "grows URL PATTERN-OF-NUMBER")
	pattern := regexp.MustCompile(args[1])
	page, last, times := "", 0.0, -1
	wait(ts, "until it grows", func() string { return page }, func() bool {
		res, err := door.Get(args[0])
		ts.Check(err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		ts.Check(err)
		page = string(body)
		if found := pattern.FindStringSubmatch(page); found != nil {
			n, err := strconv.ParseFloat(found[1], 64)
			ts.Check(err)
			if n > last {
				last = n
				times++
			}
		}
		return times == 2
	})
}

// cmdJSON reads the standard output of the last command as one JSON value, and
// compares what is at a path (names and indexes between dots) with a text.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "json PATH WANT")
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	decoder.UseNumber()
	var value any
	ts.Check(decoder.Decode(&value))
	if _, err := decoder.Token(); err != io.EOF {
		ts.Fatalf("something follows the JSON: %v", err)
	}
	for step := range strings.SplitSeq(args[0], ".") {
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok {
				ts.Fatalf("no %q in %v", step, v)
			}
			value = next
		case []any:
			i, err := strconv.Atoi(step)
			if step == "length" {
				value = len(v)
			} else if err != nil || i < 0 || i >= len(v) {
				ts.Fatalf("no %q in %v", step, v)
			} else {
				value = v[i]
			}
		default:
			ts.Fatalf("nothing is below %v for %q", v, step)
		}
	}
	if got := fmt.Sprint(value); got != args[1] {
		ts.Fatalf("%s is %q, want %q", args[0], got, args[1])
	}
}

// cmdUnsaid wants that no program has printed a text, neither as it stands nor
// percent-encoded.
func cmdUnsaid(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 1, "unsaid TEXT…")
	s := stageOf(ts)
	all := s.said.String()
	for _, b := range s.running {
		all += b.print()
	}
	if len(all) < 200 {
		ts.Fatalf("hardly anything was said at all: %q", all)
	}
	for _, text := range args {
		if i := strings.Index(all, text); i >= 0 {
			ts.Fatalf("%q was said: …%s…", text, all[max(0, i-100):min(len(all), i+100)])
		}
	}
}

// cmdFill puts the values of variables into a file, where it says $NAME.
func cmdFill(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "fill FILE VARIABLE…")
	text := os.Expand(ts.ReadFile(args[0]), func(name string) string {
		if slices.Contains(args[1:], name) {
			return ts.Getenv(name)
		}
		return "$" + name
	})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
