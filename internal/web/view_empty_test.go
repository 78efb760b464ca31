package web

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The commands the empty page offers do what they say when they are pasted into
// a shell: what reaches curl is an event of this moment, signed where it must be.
func TestCurl(t *testing.T) {
	for _, signed := range []bool{false, true} {
		for _, tool := range []string{"sh", "openssl", "sed"} {
			if _, err := exec.LookPath(tool); err != nil {
				t.Skipf("no %s on this machine", tool)
			}
		}
		const hook = "http://127.0.0.1:8080/webhooks/waha"
		// curl is a function here that writes its arguments, one between two NULs.
		script := `curl() { printf '%s\000' "$@"; }; KEY=my-secret-key; ` + Curl(hook, signed)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		args := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if args[1] != hook {
			t.Errorf("sends to %q", args[1])
		}
		body := args[len(args)-1]
		var event struct {
			ID, Event, Session string
			Timestamp          int64
			Payload            struct{ ChatID, LabelID string }
		}
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if age := time.Since(time.UnixMilli(event.Timestamp)); age < 0 || age > time.Minute {
			t.Errorf("the event is %s old", age)
		}
		if event.Event != HookEvents()[0] || event.ID == "" || event.Session == "" || event.Payload.ChatID == "" || event.Payload.LabelID == "" {
			t.Errorf("event %+v", event)
		}
		mac := hmac.New(sha512.New, []byte("my-secret-key"))
		mac.Write([]byte(body))
		want := "X-Webhook-Hmac: " + hex.EncodeToString(mac.Sum(nil))
		if got := strings.Contains(string(out), want); got != signed {
			t.Errorf("signed %v, want %v: %q", got, signed, args)
		}
	}
}

func TestPage_empty(t *testing.T) {
	for _, tc := range []struct {
		name               string
		cfg                Config
		hook, command, say string
	}{
		{"at home", Config{}, "http://127.0.0.1:8080/webhooks/waha", "curl -i http://127.0.0.1:8080/webhooks/waha", english.NoKey},
		{"with a key", Config{Signed: true}, "http://127.0.0.1:8080/webhooks/waha", "openssl dgst -sha512", english.EmptyTrySigned},
		{"behind a name", Config{PublicURL: "https://tandai.example/"}, "https://tandai.example/webhooks/waha", "curl -i http://127.0.0.1:8080/", "tandai.example"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.cfg.Reports, tc.cfg.Zone = answer(empty()), jakarta
			root := parse(t, ask(New(tc.cfg), "/?lang=en").Body.String())
			card := root.one(t, ".empty")
			code := card.all("pre")
			if len(code) != 2 || code[0].words() != tc.hook || !strings.Contains(code[1].words(), tc.command) {
				t.Errorf("%q", card.words())
			}
			if !strings.Contains(card.words(), tc.say) {
				t.Errorf("%q does not say %q", card.words(), tc.say)
			}
			if len(root.all(".tile")) != 0 {
				t.Error("figures of nothing")
			}
		})
	}
}
