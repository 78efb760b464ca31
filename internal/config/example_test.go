package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
)

const examplePath = "../../tandai.example.yaml"

var ignoreOrigins = cmpopts.IgnoreUnexported(Config{})

// loadText loads text as a file named tandai.yaml in the working folder.
func loadText(t *testing.T, text string, env map[string]string) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(DefaultFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load("", func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestExample_is_the_default(t *testing.T) {
	got, err := Load(examplePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, ignoreOrigins); diff != "" {
		t.Errorf("the example's values are not the defaults (-default +example):\n%s", diff)
	}
}

// uncommented returns the example with everything in it switched on: lines
// that begin with # and no space after it.
func uncommented(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?m)^( *)#(clients:\n|servers:\n|destinations:\n)((?: *#.*\n)*)`)
	full := block.ReplaceAllStringFunc(string(text), func(s string) string {
		return regexp.MustCompile(`(?m)^( *)#`).ReplaceAllString(s, "$1")
	})
	return regexp.MustCompile(`(?m)^( *)#([a-z_]+:)`).ReplaceAllString(full, "$1$2")
}

func TestExample_mentions_every_key(t *testing.T) {
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(uncommented(t)), &doc); err != nil {
		t.Fatal(err)
	}
	mentions(t, doc, reflect.TypeFor[Config](), "")
}

// mentions reports keys of the struct t that the mapping lacks.
func mentions(t *testing.T, doc map[string]any, typ reflect.Type, path string) {
	t.Helper()
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			if f.IsExported() {
				t.Errorf("field %s of %v has no yaml tag", f.Name, typ)
			}
			continue
		}
		value, ok := doc[name]
		if !ok {
			t.Errorf("the example does not mention %s", join(path, name))
			continue
		}
		switch {
		case isStruct(f.Type):
			mentions(t, value.(map[string]any), f.Type, join(path, name))
		case isStructs(f.Type):
			for _, entry := range value.([]any) {
				mentions(t, entry.(map[string]any), f.Type.Elem(), join(path, name))
			}
		}
	}
}

func TestExample_everything_switched_on(t *testing.T) {
	text := uncommented(t)
	// One of key and key_file can be given: here the file.
	for _, name := range []string{"admin_password", "api_key", "hmac_key", "token", "key", "value"} {
		text = regexp.MustCompile(`(?m)^ *(- )?`+name+`:.*\n`).ReplaceAllString(text, "")
	}
	text = strings.Replace(text, "\ndatabase: sqlite\n", "\n", 1)
	secrets := t.TempDir()
	text = strings.ReplaceAll(text, "/run/secrets", secrets)
	for name, content := range map[string]string{
		"tandai_database":       "mysql://tandai:pa%25ss@db:3307/labels\n",
		"tandai_admin_password": "open sesame\n",
		"waha_api_key":          "k1\r\n",
		"waha_hmac_key":         "new\nold\n",
		"waha2_api_key":         "k2",
		"waha2_hmac_key":        "h2",
		"tandai_metrics_token":  "m\n",
		"n8n_hmac_key":          "n\n",
		"n8n_token":             "t\n",
		"alarms_hmac_key":       "a\n",
	} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := loadText(t, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Database = Database{Kind: MySQL, User: "tandai", Password: NewSecret("pa%ss"), Host: "db", Port: 3307, Name: "labels"}
	want.DatabaseFile = secrets + "/tandai_database"
	want.AdminPassword, want.AdminPasswordFile = NewSecret("open sesame"), secrets+"/tandai_admin_password"
	want.WAHA.APIKey, want.WAHA.APIKeyFile = NewSecret("k1"), secrets+"/waha_api_key"
	want.WAHA.HMACKey, want.WAHA.HMACKeyFile = Secrets{NewSecret("new"), NewSecret("old")}, []string{secrets + "/waha_hmac_key"}
	want.WAHA.Servers = []Server{{
		Name: "second", URL: "http://waha2:3000",
		APIKey: NewSecret("k2"), APIKeyFile: secrets + "/waha2_api_key",
		HMACKey: Secrets{NewSecret("h2")}, HMACKeyFile: []string{secrets + "/waha2_hmac_key"},
		Feed: "websocket", WebhookURL: "http://tandai:8080", Messages: true,
	}}
	want.Relay.Destinations = []Destination{{
		Name: "n8n", URL: "http://n8n:5678/webhook/3f0c/waha", Key: NewSecret("n"), KeyFile: secrets + "/n8n_hmac_key",
		Events:  []string{"label.chat.added", "label.chat.deleted"},
		Headers: []Header{{Name: "X-Token", Value: NewSecret("t"), ValueFile: secrets + "/n8n_token"}},
	}}
	want.Radar.DaysOff, want.Radar.Ignore = []string{"2026-03-19"}, []string{"test_cs"}
	want.Alarms.Webhook = AlarmWebhook{URL: "https://hooks.example.com/tandai", Key: NewSecret("a"), KeyFile: secrets + "/alarms_hmac_key"}
	want.Metrics = Metrics{Token: NewSecret("m"), TokenFile: secrets + "/tandai_metrics_token"}
	want.Clients = []Client{{
		Name: "hansarang", Timezone: mustZone("Asia/Jakarta"), Ignore: []string{"62811000111"},
		Grades: []string{"Grade A", "Grade B", "Grade C", "Grade D", "Grade E"},
		Won:    []string{"Closing"}, Lost: []string{"Batal"}, Labels: Labels{Allow: []string{}, Deny: []string{"Internal"}},
		Sessions: []Session{{Name: "hansarang_cs1", CS: "CS 1", Table: "labeling_hansarang_cs1"}},
	}}
	if diff := cmp.Diff(want, got, ignoreOrigins); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
