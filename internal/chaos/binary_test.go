package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// binDir holds the binaries of this run of the tests.
var binDir string

func TestMain(m *testing.M) {
	var err error
	if binDir, err = os.MkdirTemp("", "tandai-chaos-"); err == nil {
		err = os.Chmod(binDir, 0o755) // other users run it too, see disk_linux_test.go
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(binDir)
	os.Exit(code)
}

var (
	built = sync.OnceValues(func() (string, error) { return build("tandai", "0", "-trimpath") })  // as it is shipped
	raced = sync.OnceValues(func() (string, error) { return build("tandai-race", "1", "-race") }) // as `go test -race` has built its parts
)

func build(name, cgo string, flags ...string) (string, error) {
	path := filepath.Join(binDir, name)
	args := append([]string{"build", "-buildvcs=false", "-o", path}, flags...)
	cmd := exec.Command("go", append(args, "tandai/cmd/tandai")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return path, nil
}

// tandai is the path of the program, built once.
func tandai(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// tandaiRace is the path of the program with the race detector in it. Without a
// C compiler the test is skipped; with CI set it fails.
func tandaiRace(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped by -short: building with the race detector takes a while")
	}
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	_, err := exec.LookPath(strings.Fields(cc)[0])
	_, errGCC := exec.LookPath("gcc")
	if err != nil && errGCC != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the race detector needs a C compiler: %v", err)
		}
		t.Skipf("SKIPPED, NOT TESTED WITH THE RACE DETECTOR: it needs a C compiler: %v", err)
	}
	path, err := raced()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// seeded gives a source of randomness whose seed is in the log of a test that
// failed.
func seeded(t testing.TB) (*rand.Rand, uint64) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("TANDAI_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(errors.Join(errors.New("TANDAI_TEST_SEED"), err))
		}
	}
	t.Logf("TANDAI_TEST_SEED=%d runs the same story", seed)
	return rand.New(rand.NewPCG(seed, 0)), seed
}

// upTo is a random time below d.
func upTo(rng *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(d)))
}
