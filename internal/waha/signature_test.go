package waha

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestSign(t *testing.T) {
	// The vector of WAHA's documentation.
	got := Sign([]byte("my-secret-key"), []byte(`{"event":"message","session":"default","engine":"WEBJS"}`))
	if !strings.HasPrefix(got, "208f8a55") || !strings.HasSuffix(got, "53fa89") || len(got) != 128 {
		t.Errorf("Sign = %s", got)
	}
}

func TestKeys_Verify(t *testing.T) {
	body := []byte(`{"event":"label.upsert"}`)
	sig := Sign([]byte("new"), body)
	headers := func(kv ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Add(kv[i], kv[i+1])
		}
		return h
	}
	keys := Keys{[]byte("old"), []byte("new")}
	for _, c := range []struct {
		name string
		keys Keys
		h    http.Header
		want string // reason; empty when valid
	}{
		{"no keys, no signature", nil, headers(), ""},
		{"no keys, any signature", Keys{}, headers("x-webhook-hmac", "abc"), ""},
		{"as WAHA sends it", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac-algorithm", "sha512"), ""},
		{"no algorithm named", keys, headers("x-webhook-hmac", sig), ""},
		{"upper case", keys, headers("x-webhook-hmac", strings.ToUpper(sig), "x-webhook-hmac-algorithm", "SHA512"), ""},
		{"the old key", keys, headers("x-webhook-hmac", Sign([]byte("old"), body)), ""},
		{"an unknown key", keys, headers("x-webhook-hmac", Sign([]byte("other"), body)), "signature does not match"},
		{"another body's", keys, headers("x-webhook-hmac", Sign([]byte("new"), append(body, ' '))), "signature does not match"},
		{"an empty key signs nothing", Keys{nil}, headers("x-webhook-hmac", Sign(nil, body)), "signature does not match"},
		{"an empty key beside another", Keys{{}, []byte("new")}, headers("x-webhook-hmac", Sign(nil, body)), "signature does not match"},
		{"missing", keys, headers(), "signature missing: the header X-Webhook-Hmac is needed"},
		{"empty", keys, headers("x-webhook-hmac", ""), "signature missing: the header X-Webhook-Hmac is needed"},
		{"twice", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac", sig), "signature is given more than once"},
		{"too short", keys, headers("x-webhook-hmac", sig[:127]), "signature is not 128 hex digits"},
		{"too long", keys, headers("x-webhook-hmac", sig+"00"), "signature is not 128 hex digits"},
		{"not hex", keys, headers("x-webhook-hmac", "x"+sig[1:]), "signature is not 128 hex digits"},
		{"prefixed", keys, headers("x-webhook-hmac", "sha512="+sig), "signature is not 128 hex digits"},
		{"sha256", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac-algorithm", "sha256"), `X-Webhook-Hmac-Algorithm "sha256" is not known, want "sha512"`},
		{"version 2 of a fork", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac-version", "2"), `X-Webhook-Hmac-Version "2" is not known`},
		{"version 1, which nobody defines", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac-version", "1"), `X-Webhook-Hmac-Version "1" is not known`},
		{"two versions", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac-version", "1", "x-webhook-hmac-version", "2"), `X-Webhook-Hmac-Version "1, 2" is not known`},
		{"a long version is cut", keys, headers("x-webhook-hmac", sig, "x-webhook-hmac-version", strings.Repeat("9", 99)), `X-Webhook-Hmac-Version "` + strings.Repeat("9", 32) + `…" is not known`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.keys.Verify(body, c.h)
			var reason string
			if se := (*SignatureError)(nil); errors.As(err, &se) {
				reason = se.Error()
			} else if err != nil {
				t.Fatalf("error %v is not a *SignatureError", err)
			}
			if reason != c.want {
				t.Errorf("Verify: %q, want %q", reason, c.want)
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	key, all := samples(f)
	for _, s := range all {
		f.Add(s.body, s.Headers["x-webhook-hmac"], "sha512", "", []byte("old"))
	}
	f.Add([]byte{}, "", "", "2", []byte{})
	f.Fuzz(func(t *testing.T, body []byte, sig, algorithm, version string, key2 []byte) {
		h := http.Header{}
		h.Set(HeaderHmac, sig)
		h.Set(HeaderHmacAlgorithm, algorithm)
		h.Set(HeaderHmacVersion, version)
		keys := Keys{key, key2}
		if err := keys.Verify(body, h); err == nil {
			if low := strings.ToLower(sig); low != Sign(key, body) && low != Sign(key2, body) {
				t.Error("a signature by neither key is believed")
			}
			if version != "" {
				t.Error("an unknown version is believed")
			}
		}
		// What either key signs is believed, and not once the body changes.
		h = http.Header{}
		h.Set(HeaderHmac, Sign(key, body))
		if err := keys.Verify(body, h); err != nil {
			t.Errorf("what we signed: %v", err)
		}
		if keys.Verify(append(body[:len(body):len(body)], '\n'), h) == nil {
			t.Error("a changed body is believed")
		}
	})
}
