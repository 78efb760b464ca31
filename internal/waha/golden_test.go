package waha

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is one entry of testdata/samples/index.json: a body as WAHA sends it.
type sample struct {
	File    string            `json:"file"`
	Event   string            `json:"event"`
	Engine  string            `json:"engine"`
	ID      string            `json:"id"`
	Bytes   int               `json:"bytes"`
	Headers map[string]string `json:"headers"`
	body    []byte
}

func (s sample) header() http.Header {
	h := http.Header{}
	for name, v := range s.Headers {
		h.Set(name, v)
	}
	return h
}

func samples(t testing.TB) (key []byte, all []sample) {
	t.Helper()
	raw, err := os.ReadFile("testdata/samples/index.json")
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		HmacKey string   `json:"hmacKey"`
		Samples []sample `json:"samples"`
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	for i := range index.Samples {
		s := &index.Samples[i]
		if s.body, err = os.ReadFile(filepath.Join("testdata/samples", s.File)); err != nil {
			t.Fatal(err)
		}
	}
	if len(index.Samples) != 30 {
		t.Fatalf("%d samples, want 30", len(index.Samples))
	}
	return []byte(index.HmacKey), index.Samples
}

// texts are words of the samples that must never reach the disk: message texts,
// names of people, pairing codes, pictures, tokens.
var texts = []string{
	"Halo kak", "Masih ada kak", "Info harga", "Klik untuk chat", "Budi", "Sari", "Dewi", "PushName", "notifyName",
	`"1234"`, "9j/4AAQ", "QWZFeGFtcGxl", "QXJiaXRyYXJ5", "QWZPcGFxdWU", "T3BhcXVl", "QXJi", "thumb", "scontent",
	"body", "conversation", "RawMessage", "ctwaPayload", "conversionData",
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestSamples(t *testing.T) {
	key, all := samples(t)
	for _, s := range all {
		t.Run(s.File, func(t *testing.T) {
			if len(s.body) != s.Bytes {
				t.Fatalf("%d bytes, want %d", len(s.body), s.Bytes)
			}
			if err := (Keys{key}).Verify(s.body, s.header()); err != nil {
				t.Errorf("Verify: %v", err)
			}
			if got := Sign(key, s.body); got != s.Headers["x-webhook-hmac"] {
				t.Errorf("Sign = %s", got)
			}

			kept := Keep(s.body)
			if kept.Problem != "" {
				t.Fatalf("Problem = %q", kept.Problem)
			}
			if kept.Head.ID != s.ID || kept.Head.Event != s.Event || kept.Head.Session != "toko-aisyah" {
				t.Errorf("Head = %+v", kept.Head)
			}
			name := strings.TrimSuffix(s.File, ".json")
			switch {
			case strings.HasPrefix(s.Event, "label."), s.Event == EventSessionStatus && !strings.Contains(name, "passkey"):
				if !bytes.Equal(kept.Body, s.body) {
					t.Errorf("changed to %s", kept.Body)
				}
			default:
				for _, text := range texts {
					if bytes.Contains(kept.Body, []byte(text)) {
						t.Errorf("%q is kept", text)
					}
				}
				golden(t, filepath.Join("testdata/golden", name+".kept.json"), append(kept.Body[:len(kept.Body):len(kept.Body)], '\n'))
			}

			d, err := Decode(kept.Body)
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if d.Head != kept.Head {
				t.Errorf("Decode's head %+v is not Keep's %+v", d.Head, kept.Head)
			}
			out, err := json.MarshalIndent(d, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata/golden", name+".delivery.json"), append(out, '\n'))
		})
	}
}
