package config

import (
	"reflect"
	"strings"
)

// Setting is one key as it stands: for `doctor` and the log at start.
type Setting struct {
	Key   string // waha.api_key
	Env   string // TANDAI_WAHA_API_KEY
	Value string // as the file would have it; secrets are "[redacted]"
	From  string // "tandai.yaml:3", "TANDAI_ADDR", "--addr", or "default"
}

// Settings lists every key that fits a line, in the order of Config. Clients
// and further servers are left out.
func (c *Config) Settings() []Setting {
	v := reflect.ValueOf(c).Elem()
	var out []Setting
	for _, k := range keys {
		if !k.plain() {
			continue
		}
		from := c.from[k.path]
		if from == "" {
			from = "default"
		}
		out = append(out, Setting{Key: k.path, Env: k.env(), Value: display(v.FieldByIndex(k.index)), From: from})
	}
	return out
}

// String has one line for each setting that is not empty, secrets redacted.
func (c *Config) String() string {
	var b strings.Builder
	for _, s := range c.Settings() {
		if s.Value != "" {
			b.WriteString(s.Key + ": " + s.Value + " (" + s.From + ")\n")
		}
	}
	return b.String()
}
