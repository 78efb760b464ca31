package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestRelay_problems(t *testing.T) {
	for _, tc := range []struct{ name, yaml, want string }{
		{"no name", "- {url: 'http://n8n/x'}", "relay.destinations[0].name at tandai.yaml:3: is missing"},
		{"no address", "- {name: n8n}", "relay.destinations[0].url at tandai.yaml:3: is missing"},
		{"no address at all", "- {name: n8n, url: n8n/webhook}", "this is no address to send to"},
		{"a password in the address", "- {name: n8n, url: 'http://a:b@n8n/x'}", "a user or password is in it"},
		{"a colon in the name", "- {name: 'url:x', url: 'http://n8n/x'}", "is no name of a destination"},
		{"twice", "- {name: n8n, url: 'http://n8n/x'}\n    - {name: N8N, url: 'http://n8n/y'}", "is there already"},
		{"messages", "- {name: n8n, url: 'http://n8n/x', events: [message.any]}", "is not relayed"},
		{"forgotten before the inbox", "- {name: n8n, url: 'http://n8n/x'}\n  keep: 2d", "less than inbox.keep"},
		{"a header of no name", "- {name: n8n, url: 'http://n8n/x', headers: [{value: a}]}", "relay.destinations[0].headers[0].name at tandai.yaml:3: is missing"},
		{"a header of no value", "- {name: n8n, url: 'http://n8n/x', headers: [{name: X-Token}]}", "relay.destinations[0].headers[0].value at tandai.yaml:3: is missing"},
		{"a header that is none", "- {name: n8n, url: 'http://n8n/x', headers: [{name: 'X Token', value: a}]}", "is no name of a header"},
		{"a header that is ours", "- {name: n8n, url: 'http://n8n/x', headers: [{name: x-webhook-hmac, value: a}]}", "is set by Tandai itself"},
		{"a header twice", "- {name: n8n, url: 'http://n8n/x', headers: [{name: X-A, value: a}, {name: x-a, value: b}]}", "is there already"},
		{"both keys", "- {name: n8n, url: 'http://n8n/x', key: a, key_file: b}", "is given too"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := loadText(t, "relay:\n  destinations:\n    "+tc.yaml+"\n", nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	_, err := loadText(t, "relay: {destinations: [{name: n8n, url: 'http://n8n/x', headers: [{name: X-Token, value: \"gra\\nce\"}]}]}", nil)
	if err == nil || strings.Contains(err.Error(), "gra") {
		t.Errorf("got %v", err)
	}
	cfg, err := loadText(t, "relay: {destinations: [{name: n8n, url: 'http://n8n/x', headers: [{name: X-Token, value: t0ken-x9}]}]}", nil)
	if err != nil {
		t.Fatal(err)
	}
	if h := cfg.Relay.Destinations[0].Headers; len(h) != 1 || h[0].Name != "X-Token" || h[0].Value.Reveal() != "t0ken-x9" || strings.Contains(fmt.Sprintf("%+v", cfg), "t0ken-x9") {
		t.Errorf("got %+v", h)
	}
	cfg, err = loadText(t, "relay: {destinations: [{name: n8n, url: 'https://n8n.example.com/webhook/a/waha?t=1', enrich: true}]}", nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cfg.Relay.Destinations[0]; d.URL != "https://n8n.example.com/webhook/a/waha?t=1" || !d.Enrich || d.Header {
		t.Errorf("got %+v", d)
	}
}
