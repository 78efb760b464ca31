package inbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const childEnv = "TANDAI_INBOX_TEST_CHILD"

// slowly makes tests do less where everything is slow.
var slowly = func() {}

// TestMain runs this binary as another process where a test asks for one.
func TestMain(m *testing.M) {
	role, path, _ := strings.Cut(os.Getenv(childEnv), ":")
	var err error
	switch role {
	case "":
		slowly()
		os.Exit(m.Run())
	case "put":
		err = childPut(path)
	case "replay":
		err = childReplay(path)
	case "mangle":
		err = childMangle(path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+role+":"+path)
	cmd.Stderr = os.Stderr
	return cmd
}

func childOpen(path string) (*Inbox, error) {
	return Open(ctx, Config{Path: path, MinFreeBytes: -1, Log: slog.New(slog.DiscardHandler)})
}

// childPut puts items from the number on standard input onwards until it is
// killed, and prints the number of each once it is acknowledged.
func childPut(path string) error {
	b, err := childOpen(path)
	if err != nil {
		return err
	}
	var first int
	if _, err := fmt.Scan(&first); err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := first
	for range 8 {
		wg.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				if _, err := b.Put(ctx, item(n)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				mu.Lock()
				fmt.Println(n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return errors.New("all callers stopped")
}

// TestKilled kills a process that puts, at random moments, and counts.
func TestKilled(t *testing.T) {
	path := newPath(t)
	acked := map[int]bool{}
	first := 0
	for round := range 6 {
		cmd := child(t, "put", path)
		in, _ := cmd.StdinPipe()
		out, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, first)
		until := 1 + rand.IntN(400)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				break // cut off in the middle
			}
			acked[n] = true
			first = max(first, n+100)
			if until--; until == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := lines.Err(); err != nil {
			t.Logf("round %d: its output ended with: %v", round, err) // it was killed
		}
		cmd.Wait()
		b := open(t, path, nil)
		stored := map[[32]byte]int{}
		for _, d := range all(t, b, Filter{}) {
			stored[d.Key]++
		}
		for n := range acked {
			if stored[item(n).Key] != 1 {
				t.Errorf("round %d: item %d was acknowledged and is there %d times", round, n, stored[item(n).Key])
			}
		}
		if err := b.Check(ctx); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		waiting := claim(t, b, 100_000)
		if s := stats(t, b); s.Waiting != int64(len(waiting)) || s.Received != int64(len(stored)) {
			t.Errorf("round %d: stats say %d waiting of %d, claimed %d of %d", round, s.Waiting, s.Received, len(waiting), len(stored))
		}
		settle(t, b, Done, "", waiting[:len(waiting)/2]...)
		b.Close()
	}
	if len(acked) < 100 {
		t.Errorf("only %d were acknowledged in all", len(acked))
	}
}

// childReplay reads and requeues everything, again and again, until its
// standard input ends.
func childReplay(path string) error {
	b, err := childOpen(path)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { io.Copy(io.Discard, os.Stdin); close(ended) }()
	requeued := int64(0)
	for {
		n, err := b.Requeue(ctx, Filter{States: []State{Done, Quarantined}})
		if err != nil {
			return err
		}
		requeued += n
		page, _, err := b.Range(ctx, Filter{}, 0, 50)
		if err != nil {
			return err
		}
		var out []Outcome
		for _, d := range page {
			out = append(out, Outcome{Seq: d.Seq, State: Quarantined, Reason: "replayed"})
		}
		if err := b.Settle(ctx, out); err != nil {
			return err
		}
		select {
		case <-ended:
			fmt.Println(requeued)
			return b.Close()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestTwoProcesses: one receives and drains, as serve does, while another
// requeues and settles, as replay does.
func TestTwoProcesses(t *testing.T) {
	path := newPath(t)
	b := open(t, path, nil)
	put(t, b, item(0))
	cmd := child(t, "replay", path)
	in, _ := cmd.StdinPipe()
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	drain := func() (n int) {
		list := claim(t, b, 200)
		settle(t, b, Done, "", list...)
		return len(list)
	}
	const items = 2000
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			for n := k + 1; n < items; n += 8 {
				if known, err := b.Put(ctx, item(n)); err != nil || known {
					t.Errorf("Put = %v, %v", known, err)
				}
			}
		})
	}
	putting := make(chan struct{})
	go func() { wg.Wait(); close(putting) }()
	for more := true; more; {
		select {
		case <-putting:
			more = false
		default:
		}
		drain()
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the other process: %v", err)
	}
	for drain() > 0 { // nobody requeues any more
	}
	s := stats(t, b)
	got := map[State]int64{}
	for _, d := range all(t, b, Filter{}) {
		got[d.State]++
	}
	if s.Received != items || s.Waiting != 0 || s.Done != got[Done] || s.Quarantined != got[Quarantined] || s.Done+s.Quarantined != items {
		t.Errorf("stats %+v; bodies by state %v; want %d in all and none waiting", s, got, items)
	}
	if requeued, _ := strconv.Atoi(strings.TrimSpace(out.String())); requeued == 0 {
		t.Error("the other process requeued nothing")
	}
	if err := b.Check(ctx); err != nil {
		t.Error(err)
	}
}

// childMangle keeps the file's pages in memory, overwrites them all but the
// first, says so, and puts them back when its standard input ends. It is a
// process of its own because closing a file drops this process's locks on it.
func childMangle(path string) error {
	was, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	write := func(data []byte) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.WriteAt(data, 4096)
		return err
	}
	if err := write(bytes.Repeat([]byte{0xa5}, len(was)-4096)); err != nil {
		return err
	}
	fmt.Println("mangled")
	io.Copy(io.Discard, os.Stdin)
	return write(was[4096:])
}

// TestMangledWhileOpen: a file that rots under a running process refuses
// everything and says so, and is used again when it is sound again.
func TestMangledWhileOpen(t *testing.T) {
	path := newPath(t)
	var log bytes.Buffer
	b := open(t, path, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	for n := range 300 {
		put(t, b, item(n))
	}
	b.Close()
	b = open(t, path, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	cmd := child(t, "mangle", path)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(out).ReadString('\n')
	hook(t, b, hooks{beforeCommit: func() error { return errTest }}) // drops the connection and its cache
	b.Put(ctx, item(1000))
	hook(t, b, hooks{})
	for n := 1001; n < 1010; n++ {
		if _, err := b.Put(ctx, item(n)); !errors.Is(err, ErrCorrupt) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("Put = %v, want the file damaged", err)
		}
	}
	if err := b.Check(ctx); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Check = %v, want the file damaged", err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(reopenEvery)
	put(t, b, item(2000))
	if err := b.Check(ctx); err != nil {
		t.Errorf("Check of the sound file = %v", err)
	}
	if !strings.Contains(log.String(), "inbox cannot write") {
		t.Errorf("nothing is said about it:\n%s", log.String())
	}
}
