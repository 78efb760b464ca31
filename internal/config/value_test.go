package config

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseSize(t *testing.T) {
	for in, want := range map[string]Size{
		"0": 0, "1500": 1500, "1500B": 1500, "5MiB": 5 << 20, "5 mib": 5 << 20, "20GiB": 20 << 30, "1.5GiB": 3 << 29,
		"2TiB": 2 << 40, "10KB": 10000, "3MB": 3e6, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", in, int64(got), err, int64(want))
		}
	}
	for _, in := range []string{"", "GiB", "-1", "+1", "1e3", "1,5GiB", "1.GiB", "5GB5", "20G", "9223372036854775808", "8388608TiB", "0x10"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("ParseSize(%q) = %v, want an error", in, got)
		}
	}
}

func TestSize_reads_back(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shift := rapid.IntRange(0, 40).Draw(t, "shift")
		want := Size(rapid.Int64Range(0, math.MaxInt64>>shift).Draw(t, "size")) << shift
		if got, err := ParseSize(want.String()); err != nil || got != want {
			t.Fatalf("%d is written %s and read %d, %v", int64(want), want, int64(got), err)
		}
	})
}

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"0": 0, "30d": 30 * day, "1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour, "720h": 720 * time.Hour, "90s": 90 * time.Second, "1h30m": 90 * time.Minute,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "30", "-1s", "+1s", "1d-12h", "d", "12h1d", "forever", "999999999d", "1 d"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, got)
		}
	}
}

func TestDuration_reads_back(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 720 * time.Hour: "30d", 36 * time.Hour: "36h", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s"} {
		if got := formatDuration(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Min(0).Draw(t, "ns"))
		if got, err := ParseDuration(formatDuration(want)); err != nil || got != want {
			t.Fatalf("%v is written %s and read %v, %v", want, formatDuration(want), got, err)
		}
	})
}

func TestConfig_Loopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:8080": true, "127.9.9.9:1": true, "localhost:8080": true, "[::1]:8080": true, "[::ffff:127.0.0.1]:1": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.168.1.4:80": false, "example.org:80": false, "localhost.example.org:80": false, "": false,
	} {
		if got := (&Config{Addr: addr}).Loopback(); got != want {
			t.Errorf("Loopback with addr %q = %v, want %v", addr, got, want)
		}
	}
}

func TestConfig_sessions(t *testing.T) {
	c, err := loadText(t, `
timezone: Asia/Makassar
log: {level: debug}
waha: {url: http://a, servers: [{name: second, url: http://b}]}
clients:
  - name: kopi
    timezone: Asia/Jayapura
    ignore: ["+62 811-0001-11", 62811000111, (62)812.000.111]
    sessions: [{name: cs1}, {name: second.cs1, cs: Ayu}]
  - name: teh
    sessions: [{name: cs2}]
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for session, want := range map[string][2]string{
		"cs1": {"kopi", "Asia/Jayapura"}, "second.cs1": {"kopi", "Asia/Jayapura"}, "cs2": {"teh", "Asia/Makassar"}, "cs3": {"", "Asia/Makassar"}, "CS1": {"", "Asia/Makassar"},
	} {
		name := ""
		if client := c.ClientOf(session); client != nil {
			name = client.Name
		}
		if name != want[0] || c.Location(session).String() != want[1] {
			t.Errorf("session %s: client %q in %v, want %q in %s", session, name, c.Location(session), want[0], want[1])
		}
	}
	if s := c.SessionOf("second.cs1"); s == nil || s.CS != "Ayu" {
		t.Errorf("SessionOf(second.cs1) = %v, want Ayu's", s)
	}
	if s := c.SessionOf("cs3"); s != nil {
		t.Errorf("SessionOf(cs3) = %v, want nil", s)
	}
	if got := c.ClientNamed("kopi").Ignore; len(got) != 2 || got[0] != "62811000111" || got[1] != "62812000111" {
		t.Errorf("ignored numbers %q", got)
	}
	if c.ClientNamed("susu") != nil {
		t.Error("a client nobody configured")
	}
	if all := c.AllServers(); len(all) != 2 || all[0].Name != "" || all[0].URL != "http://a" || all[1].Name != "second" {
		t.Errorf("servers %v", all)
	}
	if got := c.Log.SlogLevel().String(); got != "DEBUG" {
		t.Errorf("level %s", got)
	}
}

// TestOwnTables_are_reserved keeps the list in step with the migrations.
func TestOwnTables_are_reserved(t *testing.T) {
	files, err := filepath.Glob("../store/*/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations found: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		made := regexp.MustCompile("(?i)CREATE (?:TABLE|VIEW|OR REPLACE VIEW)(?: IF NOT EXISTS)? [`\"]?([a-z_]+)").FindAllStringSubmatch(string(text), -1)
		if len(made) == 0 {
			t.Errorf("%s creates no table", file)
		}
		for _, m := range made {
			if checkTable(m[1]) == nil {
				t.Errorf("%s creates %s, which a session's table may be called too", file, m[1])
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile(examplePath)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add([]byte("clients: [{name: a, ignore: [62811000111], sessions: [{name: s, table: t}]}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("waha: {hmac_key: [a, b], servers: [{name: c}]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := &loader{cfg: Default(), file: "fuzz.yaml", origins: map[string]origin{}, bad: map[string]bool{}}
		l.readYAML(text)
		l.check()
		if l.err() == nil {
			l.finish()
			_ = l.cfg.String()
		}
	})
}
