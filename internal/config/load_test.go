package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoad_problems(t *testing.T) {
	for _, tt := range []struct {
		name string
		yaml string
		env  map[string]string
		want []string // the whole error without its heading, one line each
	}{
		{name: "unknown key", yaml: "addr: :1\n\ntimzone: Asia/Jakarta\n",
			want: []string{`unknown key "timzone" at tandai.yaml:3; did you mean "timezone"?`}},
		{name: "unknown key, nothing like it", yaml: "metrics:\n  zzzzzzzzzzz: 1\n",
			want: []string{`unknown key "metrics.zzzzzzzzzzz" at tandai.yaml:2; the nearest is "metrics.token", all are token, token_file`}},
		{name: "unknown key, letters swapped", yaml: "log:\n  fromat: json\n",
			want: []string{`unknown key "log.fromat" at tandai.yaml:2; did you mean "log.format"?`}},
		{name: "known key in the wrong place", yaml: "hmac_key: x\n",
			want: []string{`unknown key "hmac_key" at tandai.yaml:1; did you mean "waha.hmac_key"?`}},
		{name: "unknown key of a session", yaml: "clients:\n  - name: a\n    sessions:\n      - name: s\n        tabel: t\n",
			want: []string{`unknown key "clients[0].sessions[0].tabel" at tandai.yaml:5; did you mean "clients[0].sessions[0].table"?`}},
		{name: "key that is no text", yaml: "[a, b]: 1\n",
			want: []string{`a list as a key at tandai.yaml:1; want a text`}},
		{name: "merge key", yaml: "log: &l\n  level: info\nwaha:\n  <<: *l\n",
			want: []string{`unknown key "waha.<<" at tandai.yaml:4; the nearest is "waha.url", all are url, api_key, api_key_file, hmac_key, hmac_key_file, feed, webhook_url, messages, servers`}},
		{name: "key twice", yaml: "addr: :1\naddr: :2\n",
			want: []string{`addr at tandai.yaml:2: given twice; it is already at tandai.yaml:1`}},
		{name: "nested key twice", yaml: "log:\n  level: info\n  level: info\n",
			want: []string{`log.level at tandai.yaml:3: given twice; it is already at tandai.yaml:2`}},
		{name: "not YAML", yaml: "addr: :1\nlog: level: info\n",
			want: []string{`tandai.yaml:2: not YAML: mapping values are not allowed in this context`}},
		{name: "two documents", yaml: "addr: :1\n---\naddr: :2\n",
			want: []string{`tandai.yaml: a second YAML document begins after ---; want one`}},
		{name: "a list instead of keys", yaml: "- addr\n",
			want: []string{"tandai.yaml:1: a list; want keys such as `addr: 127.0.0.1:8080`"}},

		{name: "list where a text belongs", yaml: "addr: [1, 2]\n",
			want: []string{`addr at tandai.yaml:1: a list; want a single text`}},
		{name: "mapping where a size belongs", yaml: "inbox:\n  max_bytes: {gib: 20}\n",
			want: []string{`inbox.max_bytes at tandai.yaml:2: a mapping; want a size such as 20GiB`}},
		{name: "list where a duration belongs", yaml: "shutdown_timeout: [1s]\n",
			want: []string{`shutdown_timeout at tandai.yaml:1: a list; want a duration such as 90s or 30d`}},
		{name: "list where a number belongs", yaml: "pipeline: {batch: [1]}\n",
			want: []string{`pipeline.batch at tandai.yaml:1: a list; want a whole number`}},
		{name: "text where a number belongs", yaml: "pipeline:\n  batch: many\n",
			want: []string{`pipeline.batch at tandai.yaml:2: "many" is no whole number`}},
		{name: "text where keys belong", yaml: "metrics: secret\n",
			want: []string{`metrics at tandai.yaml:1: a single value; want a mapping with the keys token, token_file`}},
		{name: "mapping where a list of mappings belongs", yaml: "clients:\n  name: a\n",
			want: []string{`clients at tandai.yaml:1: a mapping; want a list, each entry with the keys name, timezone, ignore, grades, won, lost, labels, sessions`}},
		{name: "text in a list of mappings", yaml: "clients:\n  - hansarang\n",
			want: []string{
				`clients[0] at tandai.yaml:2: a single value; want a mapping with the keys name, timezone, ignore, grades, won, lost, labels, sessions`,
				`clients[0].name at tandai.yaml:2: is missing`,
			}},
		{name: "mapping in a list of texts", yaml: "clients:\n  - name: a\n    won: [{name: Closing}]\n",
			want: []string{`clients[0].won[0] at tandai.yaml:3: a mapping; want a text`}},
		{name: "nothing in a list of texts", yaml: "clients:\n  - name: a\n    won:\n      - \n",
			want: []string{`clients[0].won[0] at tandai.yaml:4: nothing; want a text`}},
		{name: "line break in a text", yaml: "clients:\n  - name: \"a\\nb\"\n",
			want: []string{
				`clients[0].name at tandai.yaml:2: a line break or another control character is in it; want one line of text`,
			}},

		{name: "port alone", yaml: "addr: 8080\n",
			want: []string{`addr at tandai.yaml:1: "8080" is no address; want 127.0.0.1:8080, or :8080 for every address of this machine`}},
		{name: "address without port", yaml: "addr: localhost\n",
			want: []string{`addr at tandai.yaml:1: "localhost" is no address; want host:port such as 127.0.0.1:8080, or :8080 for every address of this machine`}},
		{name: "port too large", yaml: "addr: :65536\n",
			want: []string{`addr at tandai.yaml:1: ":65536" has the port "65536"; want 1 to 65535, or 0 for any that is free`}},
		{name: "address that is a URL", yaml: "addr: http://localhost:80\n",
			want: []string{`addr at tandai.yaml:1: "http://localhost:80" is no address; want host:port such as 127.0.0.1:8080, or :8080 for every address of this machine`}},
		{name: "host with a space", yaml: "addr: 'my host:80'\n",
			want: []string{`addr at tandai.yaml:1: "my host:80" has the host "my host"; want a name or an address`}},
		{name: "data folder empty", yaml: "data_dir: ''\n",
			want: []string{`data_dir at tandai.yaml:1: is empty; want a folder such as ./data`}},
		{name: "time zone", yaml: "timezone: Asia/Jakrta\n",
			want: []string{`timezone at tandai.yaml:1: "Asia/Jakrta" is no time zone; want an IANA name such as Asia/Jakarta, Asia/Makassar or UTC`}},
		{name: "the machine's time zone", yaml: "timezone: Local\n",
			want: []string{`timezone at tandai.yaml:1: "Local" is no time zone; want an IANA name such as Asia/Jakarta`}},
		{name: "time zone that leaves the data base", yaml: "timezone: ../../etc/passwd\n",
			want: []string{`timezone at tandai.yaml:1: "../../etc/passwd" is no time zone; want an IANA name such as Asia/Jakarta, Asia/Makassar or UTC`}},
		{name: "time zone of a client", yaml: "clients:\n  - name: a\n    timezone: WIB\n",
			want: []string{`clients[0].timezone at tandai.yaml:3: "WIB" is no time zone; want an IANA name such as Asia/Jakarta, Asia/Makassar or UTC`}},
		{name: "log", yaml: "log:\n  format: xml\n  level: loud\n",
			want: []string{
				`log.format at tandai.yaml:2: "xml"; want text or json`,
				`log.level at tandai.yaml:3: "loud"; want debug, info, warn or error`,
			}},
		{name: "database scheme", yaml: "database: postgres://tandai:hunter2@db/tandai\n",
			want: []string{`database at tandai.yaml:1: "postgres" is no kind of database; want sqlite, sqlite:PATH or mysql://user[:pass]@host[:port]/db`}},
		{name: "database is the inbox", yaml: "database: sqlite:data/inbox.db\n",
			want: []string{`database at tandai.yaml:1: data/inbox.db is the inbox's own file; want another path`}},

		{name: "negative and other sizes", yaml: "intake:\n  max_body_bytes: -5MiB\ninbox:\n  max_bytes: 5 apples\n  min_free_bytes: 99999999TiB\n",
			want: []string{
				`intake.max_body_bytes at tandai.yaml:2: "-5MiB" is no size; want a number that is not negative with KiB, MiB, GiB or TiB, such as 20GiB`,
				`inbox.max_bytes at tandai.yaml:4: "5 apples" has the unit "apples"; want B, KiB, MiB, GiB or TiB (KB, MB, GB and TB count in thousands)`,
				`inbox.min_free_bytes at tandai.yaml:5: "99999999TiB" is too large`,
			}},
		{name: "out of limits", yaml: "intake:\n  max_in_flight: -1\n  max_body_bytes: 1GiB\ninbox:\n  keep: 30m\n  max_bytes: 1MiB\npipeline:\n  batch: 0\n",
			want: []string{
				`intake.max_in_flight at tandai.yaml:2: -1; want 1 to 100000`,
				`intake.max_body_bytes at tandai.yaml:3: 1GiB; want 16KiB to 256MiB`,
				`inbox.keep at tandai.yaml:5: 30m; want 2h to 3660d`,
				`inbox.max_bytes at tandai.yaml:6: 1MiB; want 16MiB or more`,
				`pipeline.batch at tandai.yaml:8: 0; want 1 to 20000`,
			}},
		{name: "durations", yaml: "inbox:\n  keep: 30\nintake:\n  read_timeout: -1s\n",
			want: []string{
				`inbox.keep at tandai.yaml:2: "30" is no duration; want a number that is not negative with its unit, such as 30d, 12h, 90s or 500ms`,
				`intake.read_timeout at tandai.yaml:4: "-1s" is no duration; want a number that is not negative with its unit, such as 30d, 12h, 90s or 500ms`,
			}},

		{name: "WAHA's address", yaml: "waha:\n  url: waha:3000\n",
			want: []string{`waha.url at tandai.yaml:2: "waha:3000" is no address of a server; want http://host:port or https://host`}},
		{name: "WAHA's address with a query", yaml: "waha:\n  url: http://waha:3000/?x-api-key=hunter2\n",
			want: []string{`waha.url at tandai.yaml:2: something follows a ? or #; want the address alone`}},
		{name: "the address WAHA sees, and how it sends", yaml: "waha:\n  webhook_url: tandai:8080\n  feed: push\n  messages: yes\n",
			want: []string{
				`waha.webhook_url at tandai.yaml:2: "tandai:8080" is no address of a server; want http://host:port or https://host`,
				`waha.feed at tandai.yaml:3: "push"; want webhook or websocket`,
				`waha.messages at tandai.yaml:4: "yes"; want true or false`}},
		{name: "a websocket to nowhere", yaml: "waha:\n  feed: websocket\n  servers:\n    - name: b\n      feed: websocket\n",
			want: []string{
				`waha.feed at tandai.yaml:2: websocket needs waha.url, where WAHA answers`,
				`waha.servers[0].feed at tandai.yaml:5: websocket needs the server's url, where WAHA answers`}},
		{name: "a key that is empty", yaml: "waha:\n  hmac_key:\n    - good\n    - ''\n",
			want: []string{`waha.hmac_key[1] at tandai.yaml:4: an empty text is in the list`}},
		{name: "servers", yaml: "waha:\n  servers:\n    - name: a\n    - name: A\n    - url: http://x\n    - name: b c\n",
			want: []string{
				`waha.servers[1].name at tandai.yaml:4: "A" is there already: waha.servers[0].name at tandai.yaml:3`,
				`waha.servers[2].name at tandai.yaml:5: is missing`,
				`waha.servers[3].name at tandai.yaml:6: "b c" is no name of a server; want letters, digits, _ and -, at most 32`,
			}},

		{name: "client twice", yaml: "clients:\n  - name: Rumah  Kopi\n  - name: rumah kopi\n",
			want: []string{`clients[1].name at tandai.yaml:3: "rumah kopi" is there already: clients[0].name at tandai.yaml:2`}},
		{name: "client without a name", yaml: "clients:\n  - timezone: UTC\n",
			want: []string{`clients[0].name at tandai.yaml:2: is missing`}},
		{name: "client with a long name", yaml: "clients:\n  - name: " + strings.Repeat("é", 101) + "\n",
			want: []string{`clients[0].name at tandai.yaml:2: "` + strings.Repeat("é", 60) + `…" is longer than 100 characters`}},
		{name: "a CS with a long name", yaml: "clients:\n  - name: a\n    sessions: [{name: s, cs: " + strings.Repeat("x", 101) + "}]\n",
			want: []string{`clients[0].sessions[0].cs at tandai.yaml:3: "` + strings.Repeat("x", 60) + `…" is longer than 100 characters`}},
		{name: "session twice in a client", yaml: "clients:\n  - name: a\n    sessions: [{name: s}, {name: s}]\n",
			want: []string{`clients[0].sessions[1].name at tandai.yaml:3: "s" is there already: clients[0].sessions[0].name at tandai.yaml:3`}},
		{name: "session twice in two clients", yaml: "clients:\n  - name: a\n    sessions:\n      - name: s\n  - name: b\n    sessions:\n      - name: s\n",
			want: []string{`clients[1].sessions[0].name at tandai.yaml:7: "s" is there already: clients[0].sessions[0].name at tandai.yaml:4`}},
		{name: "session names", yaml: "clients:\n  - name: a\n    sessions:\n      - name: cs 1\n      - name: " + strings.Repeat("x", 55) + "\n      - cs: CS 3\n      - name: other.s\n",
			want: []string{
				`clients[0].sessions[0].name at tandai.yaml:4: "cs 1" is no name of a session; want letters, digits, _ and -, at most 54, or server.session where several servers are configured`,
				`clients[0].sessions[1].name at tandai.yaml:5: "` + strings.Repeat("x", 55) + `" is no name of a session; want letters, digits, _ and -, at most 54, or server.session where several servers are configured`,
				`clients[0].sessions[2].name at tandai.yaml:6: is missing`,
				`clients[0].sessions[3].name at tandai.yaml:7: "other.s" names the server "other", but no waha.servers are configured`,
			}},
		{name: "session of an unknown server", yaml: "waha:\n  servers: [{name: b}, {name: c}]\nclients:\n  - name: a\n    sessions: [{name: d.s}]\n",
			want: []string{`clients[0].sessions[0].name at tandai.yaml:5: "d.s" names the server "d"; want one of waha.servers: b or c`}},
		{name: "tables", yaml: "clients:\n  - name: a\n    sessions:\n      - {name: s1, table: labels}\n      - {name: s2, table: my table}\n      - {name: s3, table: labeling_S5}\n      - {name: s4, table: Labeling_s5}\n      - {name: s5}\n",
			want: []string{
				`clients[0].sessions[0].table at tandai.yaml:4: "labels" is a name of Tandai's own tables; want another such as labeling_cs1`,
				`clients[0].sessions[1].table at tandai.yaml:5: "my table" is no name of a table; want letters, digits, _, $ and -, at most 64`,
				`clients[0].sessions[3].table at tandai.yaml:7: "Labeling_s5" is there already: clients[0].sessions[2].table at tandai.yaml:6`,
			}},
		{name: "numbers to ignore", yaml: "clients:\n  - name: a\n    ignore:\n      - 0811000111\n      - 62811\n      - 62811x00111\n      - 0062811000111\n      - '6281 10001112223334'\n",
			want: []string{
				`clients[0].ignore[0] at tandai.yaml:4: "0811000111" begins with 0; want the country code first: 62811000111 for a number of Indonesia`,
				`clients[0].ignore[1] at tandai.yaml:5: "62811" has 5 digits; want 7 to 15, the country code first`,
				`clients[0].ignore[2] at tandai.yaml:6: "62811x00111" has a 'x' in it; want digits with the country code first, such as 62811000111`,
				`clients[0].ignore[3] at tandai.yaml:7: "0062811000111" begins with 00; want digits with the country code first, such as 62811000111`,
				`clients[0].ignore[4] at tandai.yaml:8: "6281 10001112223334" has 18 digits; want 7 to 15, the country code first`,
			}},
		{name: "one label for two things", yaml: "clients:\n  - name: a\n    grades: [Grade A, grade  a]\n    won: [Closing]\n    lost: [closing]\n",
			want: []string{
				`clients[0].grades[1] at tandai.yaml:3: "grade  a" is there already: clients[0].grades[0] at tandai.yaml:3`,
				`clients[0].lost[0] at tandai.yaml:5: "closing" is there already: clients[0].won[0] at tandai.yaml:4`,
			}},

		{name: "file and environment together", yaml: "addr: 80\ntimezone: X\n", env: map[string]string{"TANDAI_TIMEZONE": "Mars", "TANDAI_PIPELINE_BATCH": "many"},
			want: []string{
				`addr at tandai.yaml:1: "80" is no address; want 127.0.0.1:80, or :80 for every address of this machine`,
				`timezone at tandai.yaml:2: "X" is no time zone; want an IANA name such as Asia/Jakarta, Asia/Makassar or UTC`,
				`pipeline.batch from TANDAI_PIPELINE_BATCH: "many" is no whole number`,
			}},
		{name: "environment", env: map[string]string{"TANDAI_ADDR": "here", "TANDAI_WAHA_HMAC_KEY": "a,,b"},
			want: []string{
				`addr from TANDAI_ADDR: "here" is no address; want host:port such as 127.0.0.1:8080, or :8080 for every address of this machine`,
				`waha.hmac_key from TANDAI_WAHA_HMAC_KEY: an empty text is in the list`,
			}},

		{name: "secret and its file", yaml: "admin_password: hunter2\nadmin_password_file: x\n",
			want: []string{`admin_password_file at tandai.yaml:2: admin_password at tandai.yaml:1 is given too; want one of the two`}},
		{name: "secret file that is not there", yaml: "waha:\n  servers:\n    - name: b\n      hmac_key_file: nowhere\n",
			want: []string{`waha.servers[0].hmac_key_file at tandai.yaml:4: the file nowhere does not exist`}},
		{name: "secret file that is a folder", env: map[string]string{"TANDAI_METRICS_TOKEN_FILE": "."},
			want: []string{`metrics.token_file from TANDAI_METRICS_TOKEN_FILE: . is a folder`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadText(t, tt.yaml, tt.env)
			var problems *Error
			if !errors.As(err, &problems) {
				t.Fatalf("error %v, want an *Error", err)
			}
			got := strings.Split(err.Error(), "\n  ")
			if len(got) > 1 {
				got = got[1:]
			} else {
				got[0] = strings.TrimPrefix(got[0], "configuration: ")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(problems.Problems) != len(tt.want) {
				t.Errorf("%d problems, want %d", len(problems.Problems), len(tt.want))
			}
			for _, p := range problems.Problems {
				if p.Where == "" || !strings.Contains(p.Text, p.Where) {
					t.Errorf("problem %q does not say where: %q", p.Text, p.Where)
				}
			}
		})
	}
}

func TestLoad_files(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	none := func(string) (string, bool) { return "", false }

	if _, err := Load("missing.yaml", none); err == nil || !strings.Contains(err.Error(), "missing.yaml (from --config) does not exist") {
		t.Errorf("a named file that is missing: %v", err)
	}
	env := func(name string) (string, bool) {
		if name == EnvFile {
			return "gone.yaml", true
		}
		return "", false
	}
	if _, err := Load("", env); err == nil || !strings.Contains(err.Error(), "gone.yaml (from TANDAI_CONFIG) does not exist") {
		t.Errorf("TANDAI_CONFIG that is missing: %v", err)
	}
	if _, err := Load(".", none); err == nil || !strings.Contains(err.Error(), ". is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if err := os.WriteFile("huge.yaml", make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load("huge.yaml", none); err == nil || !strings.Contains(err.Error(), "larger than 1MiB") {
		t.Errorf("a huge file: %v", err)
	}
	for _, text := range []string{"", "# nothing yet\n", "null\n", "waha:\nclients:\nlog:\n  level:\n"} {
		got, err := loadText(t, text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		want := Default()
		want.Database.Path = "data/tandai.db"
		if diff := cmp.Diff(want, got, ignoreOrigins); diff != "" {
			t.Errorf("%q is not the default (-want +got):\n%s", text, diff)
		}
	}
}

func TestLoad_layers(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) string {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	path := write("t.yaml", `
addr: 127.0.0.1:1
data_dir: from-file
timezone: Asia/Makassar
admin_password_file: password
waha:
  url: http://waha:3000/
  hmac_key: one alone
  api_key: from file
inbox: {keep: 1d12h, max_bytes: 1.5GiB}
`)
	write("password", "from the file's file\n")
	write("api", "from the environment's file\r\n")
	env := map[string]string{
		"TANDAI_ADDR":              "127.0.0.1:2",
		"TANDAI_DATA_DIR":          "from-env",
		"TANDAI_TIMEZONE":          "", // as compose passes on what is not set
		"TANDAI_DATABASE":          "mysql://u@h/d",
		"TANDAI_LOG_FORMAT":        "json",
		"TANDAI_ADMIN_PASSWORD":    "from env",
		"TANDAI_WAHA_HMAC_KEY":     "new, old",
		"TANDAI_WAHA_API_KEY_FILE": "api",
	}
	got, err := Source{
		Path:  path,
		Env:   func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Flags: map[string]string{"addr": "127.0.0.1:3"},
	}.Load()
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Addr = "127.0.0.1:3"
	want.DataDir = "from-env"
	want.Timezone = mustZone("Asia/Makassar")
	want.Database = Database{Kind: MySQL, User: "u", Host: "h", Port: 3306, Name: "d"}
	want.Log.Format = "json"
	want.AdminPassword = NewSecret("from env")
	want.WAHA = WAHA{Feed: "webhook",
		URL:     "http://waha:3000",
		HMACKey: Secrets{NewSecret("new"), NewSecret("old")},
		APIKey:  NewSecret("from the environment's file"), APIKeyFile: "api",
	}
	want.Inbox.Keep, want.Inbox.MaxBytes = 36*time.Hour, 3*GiB/2
	if diff := cmp.Diff(want, got, ignoreOrigins); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.File() != path {
		t.Errorf("File() = %q, want %q", got.File(), path)
	}

	from := map[string]string{}
	for _, s := range got.Settings() {
		from[s.Key] = s.Env + " " + s.Value + " " + s.From
	}
	for key, want := range map[string]string{
		"addr":           "TANDAI_ADDR 127.0.0.1:3 --addr",
		"data_dir":       "TANDAI_DATA_DIR from-env TANDAI_DATA_DIR",
		"timezone":       "TANDAI_TIMEZONE Asia/Makassar t.yaml:4",
		"inbox.keep":     "TANDAI_INBOX_KEEP 36h t.yaml:10",
		"waha.hmac_key":  "TANDAI_WAHA_HMAC_KEY [redacted],[redacted] TANDAI_WAHA_HMAC_KEY",
		"waha.api_key":   "TANDAI_WAHA_API_KEY [redacted] TANDAI_WAHA_API_KEY_FILE",
		"pipeline.batch": "TANDAI_PIPELINE_BATCH 4000 default",
	} {
		if from[key] != want {
			t.Errorf("setting %s: %q, want %q", key, from[key], want)
		}
	}
}

func TestLoad_warns_of_readable_secrets(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		mode       os.FileMode
		want       int
	}{
		{"a key everybody can read", "waha:\n  hmac_key: x\n", 0o644, 1},
		{"a password in the database's address", "database: mysql://u:p@h/d\n", 0o604, 1},
		{"a key of a further server", "waha:\n  servers: [{name: b, api_key: x}]\n", 0o644, 1},
		{"a key the owner can read", "waha:\n  hmac_key: x\n", 0o640, 0},
		{"no secret in it", "addr: :0\nclients: [{name: a}]\n", 0o644, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.yaml")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			c, err := Load(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings()) != tt.want {
				t.Errorf("warnings %q, want %d", c.Warnings(), tt.want)
			}
		})
	}
}

func TestUnknownEnv(t *testing.T) {
	got := UnknownEnv([]string{
		"TANDAI_TIMEZON=x", "TANDAI_ADDR=:1", "TANDAI_WAHA_HMAC=hunter2", "TANDAI_TEST_MYSQL=x", "TANDAI_CONFIG=x",
		"TANDAI_CLIENTS=a", "TANDAI_OWN=1", "PATH=/bin", "tandai_addr=1",
	}, "TANDAI_OWN")
	want := []string{
		"environment variable TANDAI_CLIENTS has no effect; clients can be set in the configuration file alone",
		"environment variable TANDAI_TIMEZON is not known and has no effect; the nearest is TANDAI_TIMEZONE",
		"environment variable TANDAI_WAHA_HMAC is not known and has no effect; the nearest is TANDAI_WAHA_HMAC_KEY",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAllServers(t *testing.T) {
	for _, tt := range []struct {
		name, yaml string
		want       []string
	}{
		{"nothing said", "", []string{""}},
		{"the first alone", "waha: {hmac_key: k}", []string{""}},
		{"the first and further ones", "waha: {hmac_key: k, servers: [{name: b}]}", []string{"", "b"}},
		{"a list alone: its first is the first", "waha: {servers: [{name: a}, {name: b}]}", []string{"a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tandai.yaml")
			if err := os.WriteFile(path, []byte(tt.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := Load(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range c.AllServers() {
				got = append(got, s.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
