package connect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// space is what may stand between the parts of a JSON text.
func space(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "  "}).Draw(t, "space")
}

// value is a JSON text of any kind, written in any way.
func value(t *rapid.T, depth int) string {
	n := 5
	if depth > 0 {
		n = 7
	}
	switch rapid.IntRange(0, n).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "word")
	case 1:
		return rapid.SampledFrom([]string{"0", "-1", "1.50", "1e3", "12345678901234567890", "0.1E-7"}).Draw(t, "number")
	case 2, 3:
		return `"` + rapid.SampledFrom([]string{"", "x", `a\"b`, `\u00e9`, "é", "🔥", `\ud83d\ude00`, `\/`, `]}`, `[{,`, "<&>"}).Draw(t, "text") + `"`
	case 4, 5:
		return `"` + rapid.StringMatching(`[a-z ]{0,8}`).Draw(t, "letters") + `"`
	case 6:
		return object(t, depth-1, rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}`), 0, 3, rapid.ID[string]).Draw(t, "names"), nil)
	}
	var parts []string
	for range rapid.IntRange(0, 3).Draw(t, "elements") {
		parts = append(parts, space(t)+value(t, depth-1)+space(t))
	}
	return "[" + strings.Join(parts, ",") + space(t) + "]"
}

// object writes an object of these names; what is given has its value, the rest
// any.
func object(t *rapid.T, depth int, names []string, given map[string]string) string {
	var parts []string
	for _, name := range names {
		v, ok := given[name]
		if !ok {
			v = value(t, depth)
		}
		parts = append(parts, space(t)+`"`+name+`"`+space(t)+":"+space(t)+v+space(t))
	}
	return "{" + strings.Join(parts, ",") + space(t) + "}"
}

// hook is one webhook as somebody may have set it.
func hook(t *rapid.T) string {
	urls := []string{door, door + "/", "http://TANDAI:8080/webhooks/waha", "http://old:1/webhooks/waha", "https://n8n.example.com/x", "http://other/webhooks/waha/jkt", ""}
	given := map[string]string{
		"url":    `"` + rapid.SampledFrom(urls).Draw(t, "url") + `"`,
		"events": rapid.SampledFrom([]string{`[]`, `["message.any", "session.status"]`, `["*"]`, `null`, `[ "label.upsert" ]`, `["x","x"]`}).Draw(t, "events"),
		"hmac":   rapid.SampledFrom([]string{"null", `{}`, `{"key" : "k1"}`, `{"key":"k0"}`, `{"key":"theirs","x":1}`, `{"key":null}`}).Draw(t, "hmac"),
		"retries": rapid.SampledFrom([]string{"null", string(wantRetries), `{}`, `{"policy":"linear"}`, `{"policy":"constant","delaySeconds":60,"attempts":1440}`,
			`{"policy":3}`, `[]`}).Draw(t, "retries"),
	}
	names := []string{"url"}
	for _, name := range []string{"events", "hmac", "retries", "customHeaders", "extra"} {
		if rapid.Bool().Draw(t, name) {
			names = append(names, name)
		}
	}
	return object(t, 1, rapid.Permutation(names).Draw(t, "order"), given)
}

// TestMake_keepsTheRest: whatever the configuration, all that is not ours comes
// back byte for byte and in its order, what we want is there exactly once, and
// a second run has nothing to do.
func TestMake_keepsTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"metadata", "proxy", "ignore", "noweb", "klien", "debug"}[:rapid.IntRange(0, 6).Draw(t, "members")]
		given := map[string]string{"noweb": `{ "markOnline":true, "store" :{"enabled": false}}`}
		hooks := ""
		if rapid.Bool().Draw(t, "has webhooks") {
			names = append(names, "webhooks")
			var list []string
			for range rapid.IntRange(0, 5).Draw(t, "hooks") {
				list = append(list, space(t)+rapid.Custom(hook).Draw(t, "hook")+space(t))
			}
			hooks = "[" + strings.Join(list, ",") + "]"
			given["webhooks"] = hooks
		}
		config := object(t, 3, rapid.Permutation(names).Draw(t, "order"), given)
		w := want()
		w.Messages = rapid.Bool().Draw(t, "messages")
		w.NowebStore = rapid.Bool().Draw(t, "store")

		plan, err := Make(json.RawMessage(config), w)
		if err != nil {
			t.Fatalf("%s: %v", config, err)
		}
		got := []byte(plan.Config)
		if !json.Valid(got) {
			t.Fatalf("not JSON any more: %s", got)
		}
		if (len(plan.Changes) == 0) != (string(got) == config) {
			t.Fatalf("%d changes, and from\n%s to\n%s", len(plan.Changes), config, got)
		}
		again, err := Make(plan.Config, w)
		if err != nil || len(again.Changes) > 0 || !bytes.Equal(again.Config, got) {
			t.Fatalf("a second run finds %+v (%v) in\n%s", again.Changes, err, got)
		}
		if d := cmp.Diff(others([]byte(config), w), others(got, w)); d != "" {
			t.Fatalf("what is not ours (-before +after):\n%s", d)
		}
		checkOurs(t, got, w)
	})
}

// others is everything of a configuration that Make has no business with, as it
// is written.
func others(config []byte, w Want) (all []string) {
	list, _ := members(config)
	p := planner{want: w}
	for _, m := range list {
		v := config[m.start:m.end]
		switch {
		case m.name == "webhooks":
			at, _ := elements(v)
			for _, e := range at {
				if h := v[e[0]:e[1]]; p.kind(h) == foreign {
					all = append(all, "hook "+string(h))
				}
			}
		case m.name == "noweb" && w.NowebStore:
			if online := get(v, "markOnline"); online != nil { // what Make makes has none
				all = append(all, "noweb.markOnline "+string(online))
			}
		default:
			all = append(all, m.name+" "+string(v))
		}
	}
	return all
}

// checkOurs wants one hook of ours that says all we want.
func checkOurs(t *rapid.T, config []byte, w Want) {
	hooks := get(config, "webhooks")
	at, err := elements(hooks)
	if err != nil {
		t.Fatal(err)
	}
	p := planner{want: w}
	found := 0
	for _, e := range at {
		hook := hooks[e[0]:e[1]]
		switch p.kind(hook) {
		case former:
			t.Fatalf("an earlier address stayed: %s", hook)
		case mine:
			found++
			names := eventsOf(hook)
			for _, name := range Events(w.Messages) {
				if !slices.Contains(names, name) && !slices.Contains(names, "*") {
					t.Fatalf("no %s in %v", name, names)
				}
			}
			if keyOf(hook) != w.Keys[0] || retriesOf(hook).Window() < longEnough {
				t.Fatalf("our hook is %s", hook)
			}
		}
	}
	if found != 1 {
		t.Fatalf("%d hooks of ours in %s", found, config)
	}
}

func FuzzMake(f *testing.F) {
	f.Add([]byte(`{"webhooks":[` + perfect + `,` + n8n + `],"noweb":{"store":{}}}`))
	f.Add([]byte(`{"a":1,"a":2,"webhooks":[],"webhooks":null}`))
	f.Add([]byte(` {} `))
	f.Fuzz(func(t *testing.T, config []byte) {
		w := want()
		w.NowebStore = true
		plan, err := Make(config, w)
		if err != nil {
			return
		}
		if !json.Valid(plan.Config) && json.Valid(config) {
			t.Fatalf("%q became %q", config, plan.Config)
		}
		if json.Valid(config) {
			if again, err := Make(plan.Config, w); err != nil || len(again.Changes) > 0 {
				t.Fatalf("%q: a second run finds %+v, %v", config, again.Changes, err)
			}
		}
	})
}
