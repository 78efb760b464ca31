package intake

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"tandai/internal/inbox"
	"tandai/internal/waha"
)

// blank is a ResponseWriter that keeps nothing.
type blank struct{ header http.Header }

func (b *blank) Header() http.Header         { return b.header }
func (b *blank) Write(p []byte) (int, error) { return len(p), nil }
func (b *blank) WriteHeader(int)             {}

// BenchmarkDoor is what the door costs without the network and the disk.
func BenchmarkDoor(b *testing.B) {
	d, err := New(Config{Servers: []Server{{Keys: waha.Keys{[]byte(sampleKey)}}},
		Inbox: stub(func(inbox.Item) (bool, error) { return false, nil }), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	for _, number := range []string{"01", "24"} {
		body := sample(b, number)
		b.Run("sample="+number, func(b *testing.B) {
			b.ReportAllocs()
			req, _ := http.NewRequest("POST", "/webhooks/waha", nil)
			req.Header = sign(body)
			req.ContentLength = int64(len(body))
			r := bytes.NewReader(body)
			req.Body = io.NopCloser(r)
			w := &blank{http.Header{}}
			for b.Loop() {
				r.Reset(body)
				d.ServeHTTP(w, req)
			}
		})
	}
}
