package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseDatabase(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     Database
		err      string // a part of it
	}{
		{name: "the default", in: "sqlite", want: Database{Kind: SQLite}},
		{name: "a file", in: "sqlite:/var/lib/my labels.db", want: Database{Kind: SQLite, Path: "/var/lib/my labels.db"}},
		{name: "all of MySQL", in: "mysql://tandai:p%40ss@db.local:3307/labels?tls=skip-verify",
			want: Database{Kind: MySQL, User: "tandai", Password: NewSecret("p@ss"), Host: "db.local", Port: 3307, Name: "labels", Params: map[string]string{"tls": "skip-verify"}}},
		{name: "no password, no port", in: "mysql://root@127.0.0.1/db",
			want: Database{Kind: MySQL, User: "root", Host: "127.0.0.1", Port: 3306, Name: "db"}},
		{name: "a password with everything in it", in: "mysql://u:a:b@c/d?e#f@host/db",
			want: Database{Kind: MySQL, User: "u", Password: NewSecret("a:b@c/d?e#f"), Host: "host", Port: 3306, Name: "db"}},
		{name: "IPv6", in: "mysql://u@[::1]:3308/db", want: Database{Kind: MySQL, User: "u", Host: "::1", Port: 3308, Name: "db"}},
		{name: "IPv6 without a port", in: "mysql://u@[fe80::1]/db", want: Database{Kind: MySQL, User: "u", Host: "fe80::1", Port: 3306, Name: "db"}},
		{name: "a container's name", in: "mysql://u@my_db/db", want: Database{Kind: MySQL, User: "u", Host: "my_db", Port: 3306, Name: "db"}},

		{name: "nothing", in: "", err: "no kind of database in front; want sqlite, sqlite:PATH or mysql://user[:pass]@host[:port]/db"},
		{name: "another kind", in: "postgres://u@h/d", err: `"postgres" is no kind of database`},
		{name: "mariadb", in: "mariadb://u@h/d", err: "MariaDB is written mysql:// too"},
		{name: "mysql without //", in: "mysql:u@h/d", err: "mysql: lacks its //"},
		{name: "the driver's own form", in: "u:p@tcp(h)/d", err: "is no kind of database"},
		{name: "sqlite without a path", in: "sqlite:", err: "sqlite: without a path"},
		{name: "sqlite as a URL", in: "sqlite:///var/x.db", err: "write sqlite:/var/x.db"},
		{name: "sqlite in memory", in: "sqlite::memory:", err: "would forget everything"},
		{name: "sqlite with options", in: "sqlite:x.db?mode=ro", err: "with ? or NUL"},
		{name: "no user", in: "mysql://h/d", err: "no user in front of an @"},
		{name: "an empty user", in: "mysql://:p@h/d", err: "no user in front of the @"},
		{name: "a lone %", in: "mysql://u:50%@h/d", err: "write it %25"},
		{name: "no database", in: "mysql://u@h", err: "no database name"},
		{name: "a database with a slash", in: "mysql://u@h/a/b", err: "no database name after the address, or one that MySQL would not take"},
		{name: "no host", in: "mysql://u@/d", err: `host ""`},
		{name: "a host with a space", in: "mysql://u@a b/d", err: `host "a b"`},
		{name: "IPv6 without brackets", in: "mysql://u@::1/d", err: `host ":"`},
		{name: "not IPv6 in brackets", in: "mysql://u@[db]/d", err: `"db" is no IPv6 address`},
		{name: "port 0", in: "mysql://u@h:0/d", err: `port "0"; it must be 1 to 65535`},
		{name: "port in letters", in: "mysql://u@h:x/d", err: `port "x"`},
		{name: "an unknown parameter", in: "mysql://u@h/d?parseTime=true", err: `"parseTime=true" after the ?; it can be tls=true`},
		{name: "two parameters", in: "mysql://u@h/d?tls=true&tls=false", err: `after the ?; it can be tls=true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseDatabase(tt.in)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), "sqlite:") {
					t.Fatalf("error %v, want %q and what is allowed", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDatabase_URL_reads_back(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Database{
			Kind:     MySQL,
			User:     rapid.StringN(1, 20, -1).Draw(t, "user"),
			Password: NewSecret(rapid.String().Draw(t, "password")),
			Host:     rapid.SampledFrom([]string{"localhost", "10.0.0.1", "::1", "db_1.example.org"}).Draw(t, "host"),
			Port:     rapid.IntRange(1, 65535).Draw(t, "port"),
			Name:     rapid.StringMatching(`[^/\\.\x00-\x1f]{1,64}`).Draw(t, "name"),
		}
		if rapid.Bool().Draw(t, "tls") {
			want.Params = map[string]string{"tls": "true"}
		}
		got, err := ParseDatabase(want.URL())
		if err != nil {
			t.Fatalf("%q: %v", want.URL(), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", want.URL(), diff)
		}
	})
}

// FuzzParseDatabase: no input panics, and what is taken can be written and
// read again.
func FuzzParseDatabase(f *testing.F) {
	for _, seed := range []string{"sqlite", "sqlite:x", "mysql://u:p%40@h:3306/d?tls=true", "mysql://u@[::1]/d", "mysql://@", "x:y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		d, err := ParseDatabase(in)
		if err != nil {
			return
		}
		again, err := ParseDatabase(d.URL())
		if err != nil {
			t.Fatalf("%q gives %q, which gives %v", in, d.URL(), err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Fatalf("%q gives %q, which differs:\n%s", in, d.URL(), diff)
		}
	})
}
