package rest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// FuzzAnswers holds that no answer, however hostile, makes a call panic, or gets
// the key or a whole number into an error.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`[]`, `{}`, `null`, ``, `[null]`, `[{"id":null}]`, `[{"id":{"_serialized":7}}]`, `[{"id":"6281299900011@c.us"}]`,
		`{"lid":"201@lid","pn":7}`, `[{"lid":{},"pn":[]}]`, `{"count":1e99}`, `{"startTimestamp":"x"}`, `{"startTimestamp":1e300,"uptime":-1}`, `{"name":"cs1","timestamps":{"activity":"NaN"}}`,
		`{"name":"cs1","me":{"id":{}},"engine":[1]}`, `{"message":["` + key + `",7]}`, `{"expected":[],"status":{}}`, `{"exception":{"message":{"a":"6281299900011"}}}`, "\xff\xfe", `[[[[`, `"`} {
		f.Add(200, s)
		f.Add(500, s)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 || status == http.StatusNoContent || status == http.StatusNotModified {
			t.Skip()
		}
		c, err := New(Config{URL: "http://waha.example", Key: key, Transport: roundTrip(func(r *http.Request) *http.Response {
			return &http.Response{StatusCode: status, Header: http.Header{"Date": {body}}, Body: read(body), Request: r}
		})})
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		var errs []error
		add := func(err error) { errs = append(errs, err) }
		_, err = c.Sessions(ctx)
		add(err)
		_, err = c.Session(ctx, "cs1")
		add(err)
		_, err = c.PutSession(ctx, "cs1", json.RawMessage("{}"))
		add(err)
		_, _, err = c.Labels(ctx, "cs1")
		add(err)
		chats, _, err := c.LabelChats(ctx, "cs1", "1")
		add(err)
		for _, id := range chats {
			if id == "" {
				t.Error("a chat without an id")
			}
		}
		_, err = c.Lid(ctx, "cs1", "201000000000011")
		add(err)
		_, err = c.Lids(ctx, "cs1", 10, 0)
		add(err)
		_, err = c.LidCount(ctx, "cs1")
		add(err)
		_, err = c.Contacts(ctx, "cs1", 0, 0)
		add(err)
		_, err = c.Version(ctx)
		add(err)
		_, err = c.ServerStatus(ctx)
		add(err)
		_, err = c.Health(ctx)
		add(err)
		_, err = c.SendText(ctx, "cs1", Text{ChatID: "6281299900011@c.us", Text: "x"})
		add(err)
		for _, err := range errs {
			if err == nil {
				continue
			}
			text := err.Error()
			if strings.Contains(text, key) || strings.Contains(text, phone) || strings.ContainsAny(text, "\n\r\x00") || len(text) > 600 {
				t.Errorf("unfit for a log: %q", text)
			}
		}
	})
}

// roundTrip answers without a network.
type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func read(body string) io.ReadCloser { return io.NopCloser(strings.NewReader(body)) }
