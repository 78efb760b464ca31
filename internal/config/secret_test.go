package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// hush is what no output may hold.
const hush = "hunter2"

func TestSecret_is_never_shown(t *testing.T) {
	c, err := loadText(t, `
database: mysql://tandai:hunter2@db/tandai
admin_password: hunter2
metrics: {token: hunter2}
waha:
  api_key: hunter2
  hmac_key: [hunter2, hunter2b]
  servers: [{name: b, api_key: hunter2, hmac_key: hunter2}]
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.WAHA.HMACKey.Reveal()[1] != "hunter2b" || c.Database.Password.Reveal() != hush || !c.AdminPassword.IsSet() {
		t.Fatal("the secrets did not arrive")
	}
	type hidden struct{ s Secret } // fmt calls no methods on an unexported field
	for name, got := range map[string]string{
		"String":          c.String(),
		"%v":              fmt.Sprintf("%v", *c),
		"%+v":             fmt.Sprintf("%+v", *c),
		"%#v":             fmt.Sprintf("%#v", *c),
		"%s of a secret":  fmt.Sprintf("%s", c.AdminPassword),
		"%q of a secret":  fmt.Sprintf("%q", c.AdminPassword),
		"%x of a secret":  fmt.Sprintf("%x", c.AdminPassword),
		"%d of a secret":  fmt.Sprintf("%d", c.AdminPassword),
		"unexported":      fmt.Sprintf("%+v %#v", hidden{c.AdminPassword}, hidden{c.AdminPassword}),
		"a list":          fmt.Sprintf("%v %#v", c.WAHA.HMACKey, c.WAHA.HMACKey),
		"JSON":            encode(t, json.Marshal, c),
		"YAML":            encode(t, yaml.Marshal, c),
		"settings":        fmt.Sprint(c.Settings()),
		"log, text":       logged(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }, c),
		"log, JSON":       logged(func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }, c),
		"database":        c.Database.String(),
		"all the servers": fmt.Sprint(c.AllServers()),
	} {
		if strings.Contains(got, hush) || strings.Contains(got, fmt.Sprintf("%x", hush)) {
			t.Errorf("%s shows a secret: %s", name, got)
		}
		if got == "" {
			t.Errorf("%s is empty", name)
		}
	}
	if got, want := c.Database.String(), "mysql://tandai:[redacted]@db:3306/tandai"; got != want {
		t.Errorf("Database.String() = %s, want %s", got, want)
	}
	if got := NewSecret("").String(); got != "" {
		t.Errorf("a secret that is not set shows %q", got)
	}
	if !NewSecret("a").Equal(NewSecret("a")) || NewSecret("a").Equal(NewSecret("b")) || NewSecret("a").Equal(Secret{}) {
		t.Error("Equal does not compare")
	}
}

func encode(t *testing.T, marshal func(any) ([]byte, error), v any) string {
	t.Helper()
	b, err := marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func logged(handler func(*bytes.Buffer) slog.Handler, c *Config) string {
	var b bytes.Buffer
	log := slog.New(handler(&b))
	log.Info("configuration", "password", c.AdminPassword, "database", c.Database, "all", c, "keys", c.WAHA.HMACKey)
	return b.String()
}

// TestErrors_do_not_repeat_secrets spoils every place a secret can stand in.
func TestErrors_do_not_repeat_secrets(t *testing.T) {
	for _, text := range []string{
		"database: postgres://tandai:hunter2@db/tandai",
		"database: mysql://tandai:hunter2@db",
		"database: mysql://tandai:hunter2%zz@db/tandai",
		"database: mysql://tandai:hunter2@db:99999/tandai",
		"database: mysql://:hunter2@db/tandai",
		"database: mysql://tandai:hunter2@/tandai",
		"database: mysql://tandai:hunter2@db/tandai?x=1",
		"database: mysql:tandai:hunter2@db/tandai",
		"database: hunter2",
		"database: [mysql://tandai:hunter2@db/tandai]",
		"addr: mysql://tandai:hunter2@db/tandai",
		"timezone: tandai:hunter2@db",
		"waha: {url: 'http://tandai:hunter2@waha'}",
		"waha: {url: 'http://waha/?x-api-key=hunter2'}",
		"waha: {api_key: [hunter2]}",
		"waha: {api_key: {hunter2: 1}}",
		"waha: {api_key: \"hunter2\\n\"}",
		"waha: {hmac_key: [hunter2, '']}",
		"waha: {hmac_key: [{a: hunter2}]}",
		"waha: {api_key: *hunter2}",
		"waha: {api_key: 'hunter2}",
		"waha:\n  api_key: hunter2: x",
		"waha:\n  api_key: @hunter2",
		"waha:\n  api_key: %hunter2",
		"waha:\n  api_key: !hunter2 [x]",
		"admin_password: hunter2\nadmin_password: hunter2\nadmin_password_file: x",
		"metrics: {token: hunter2, token_file: x}",
	} {
		_, err := loadText(t, text, nil)
		if err == nil {
			t.Errorf("%s: no error", text)
		} else if strings.Contains(err.Error(), hush) {
			t.Errorf("%s: the error repeats the secret: %v", text, err)
		}
	}
	var problems *Error
	_, err := loadText(t, "", map[string]string{"TANDAI_DATABASE": "tandai:hunter2@tcp(db)/tandai", "TANDAI_ADMIN_PASSWORD": "a\nhunter2"})
	if !errors.As(err, &problems) || len(problems.Problems) != 2 || strings.Contains(err.Error(), hush) {
		t.Errorf("from the environment: %v", err)
	}
}
