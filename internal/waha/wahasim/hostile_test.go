package wahasim_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandai/internal/waha/wahasim"
)

// TestNode_anyRequest holds that whatever is asked gets an answer that is JSON or
// empty, and says its length.
func TestNode_anyRequest(t *testing.T) {
	word := rapid.SampledFrom([]string{"api", "sessions", "cs1", "nobody", "labels", "1", "chats", "6281299900012@c.us", "201000000000011%40lid",
		"lids", "count", "pn", "contacts", "all", "check-exists", "sendText", "sendFile", "server", "status", "version", "health", "ping", "new-message-id", "restart", "stop", "start", "", "%zz", "..", "overview"})
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rapid.SampledFrom([]wahasim.Engine{wahasim.GOWS, wahasim.NOWEB, wahasim.WPP, wahasim.WEBJS}).Draw(rt, "engine"), nil)
		defer w.web.Close()
		defer w.node.Close()
		w.label(sari, "1")
		w.label(budi, "2")
		for range rapid.IntRange(1, 8).Draw(rt, "requests") {
			path := "/api/" + strings.Join(rapid.SliceOfN(word, 0, 5).Draw(rt, "path"), "/") + rapid.SampledFrom([]string{"", "?session=cs1", "?limit=-1&offset=x", "?session=cs1&limit=1&offset=99&phone=62&contactId=x", "?all=true"}).Draw(rt, "query")
			body := rapid.SampledFrom([]string{"", "{", "null", "[]", `{"config":null}`, `{"config":7}`, `{"name":"x","color":-3}`, `{"labels":[{"id":2},{"id":"1"},{}]}`,
				`{"session":"cs1","chatId":"1@g.us","text":"x"}`, `{"session":"cs1","chatId":"x","file":{"mimetype":"a/b","url":"u"}}`}).Draw(rt, "body")
			method := rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE", "PATCH"}).Draw(rt, "method")
			req := httptest.NewRequest(method, "/", strings.NewReader(body))
			req.URL.RawPath = ""
			req.URL.Path, req.URL.RawQuery, _ = strings.Cut(path, "?")
			req.RequestURI = path
			req.Header.Set("X-Api-Key", fullKey)
			rec := httptest.NewRecorder()
			w.node.ServeHTTP(rec, req)
			if got := rec.Body.String(); got != "" && !json.Valid([]byte(got)) {
				rt.Fatalf("%s %s: %d %s", method, path, rec.Code, got)
			}
			if rec.Code == 200 && rec.Header().Get("Date") == "" {
				rt.Fatalf("%s %s has no date", method, path)
			}
		}
	})
}
