package wahasim_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// request makes a call with the full key that the client has no method for.
func request(t *testing.T, w *world, method, path, body string, want int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.web.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", fullKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Errorf("%s %s: %d %s, want %d", method, path, res.StatusCode, got, want)
	}
	return string(got)
}
