package web

import (
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

var (
	languages   = []string{"en", "id"}
	longNumbers = regexp.MustCompile(`\d{9,}`)
	inline      = regexp.MustCompile(`(?i)<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<base|<form|<iframe`)
)

// Every answer must be shown in every language, whole and as its part.
func TestPage_everyState(t *testing.T) {
	for name, n := range states() {
		for _, lang := range languages {
			for _, path := range []string{"/", "/now"} {
				t.Run(name+" "+lang+" "+path, func(t *testing.T) {
					w := get(t, n, path+"?lang="+lang)
					if w.Code != http.StatusOK {
						t.Fatalf("%d %s", w.Code, w.Body)
					}
					checkPage(t, w.Body.String(), path == "/")
				})
			}
		}
	}
}

// checkPage checks what holds for every page, whole or its part that changes.
func checkPage(t *testing.T, page string, whole bool) {
	t.Helper()
	root := parse(t, page)
	root.one(t, "#now")
	if whole != (len(root.all("html")) == 1) {
		t.Error("the part that changes is not a part")
	}
	if i := strings.Index(page, "%!"); i >= 0 {
		t.Errorf("a text lacks a value: …%.60s", page[max(0, i-30):])
	}
	if i := strings.Index(page, "ZgotmplZ"); i >= 0 {
		t.Errorf("a value stands where it may not: …%.80s", page[max(0, i-40):])
	}
	ids := map[string]bool{}
	for _, e := range everything(root) {
		if id := e.attrs["id"]; id != "" && ids[id] {
			t.Errorf("id %q is used twice", id)
		} else {
			ids[id] = true
		}
		if e.tag == "script" && (e.words() != "" || e.attrs["src"] == "") {
			t.Error("inline script")
		}
		for a := range e.attrs {
			if a == "style" || strings.HasPrefix(a, "on") {
				t.Errorf("<%s> has %s", e.tag, a)
			}
		}
	}
}

func everything(n *node) []*node {
	all := []*node{n}
	for _, kid := range n.kids {
		all = append(all, everything(kid)...)
	}
	return all
}

func TestPage_policyAllowsNothingInline(t *testing.T) {
	for _, target := range []string{"/", "/now", "/system", "/system/now", "/static/tandai.js", "/nowhere"} {
		h := get(t, busy(), target).Header()
		csp := h.Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || !strings.Contains(csp, "default-src 'none'") ||
			!strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", target, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		if target != "/static/tandai.js" && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be stored: %q", target, h.Get("Cache-Control"))
		}
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(templateFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := inline.Find(text); found != nil {
			t.Errorf("%s has %q", name, found)
		}
		if strings.Contains(string(text), "//") && strings.Contains(string(text), "http") {
			t.Errorf("%s names an address elsewhere", name)
		}
		for _, script := range regexp.MustCompile(`<script[^>]*>[^<]*`).FindAllString(string(text), -1) {
			if !strings.Contains(script, " src=") || !strings.HasSuffix(script, ">") {
				t.Errorf("%s has an inline script: %s", name, script)
			}
		}
	}
}

func TestPage_hostileNamesAreText(t *testing.T) {
	for _, lang := range languages {
		w := get(t, hostileNames(), "/?lang="+lang)
		page := w.Body.String()
		root := parse(t, page)
		if n := len(root.all("script")); n != 1 {
			t.Errorf("%d scripts, want our own only", n)
		}
		if n := len(root.all("img")); n != 1 {
			t.Errorf("%d pictures, want our own only", n)
		}
		if strings.Contains(page, "<script>") || strings.Contains(page, "onerror=alert(2)>\"") {
			t.Error("markup of others reached the page")
		}
		if !strings.Contains(root.words(), `<script>alert(1)</script>"'>`) {
			t.Error("the name is not shown as it is")
		}
		// Whatever turns the direction of writing stays within its own name.
		for _, e := range everything(root) {
			for _, kid := range e.kids {
				if strings.ContainsRune(kid.text, '\u202e') && e.tag != "bdi" {
					t.Fatalf("<%s> lets a foreign text turn ours around", e.tag)
				}
			}
		}
	}
}

func TestPage_noNumberInFull(t *testing.T) {
	for name, n := range states() {
		for _, lang := range languages {
			page := get(t, n, "/?lang="+lang).Body.String()
			if strings.Contains(page, phone) {
				t.Errorf("%s: the page holds a phone in full", name)
			}
			if n.Empty() {
				continue // shows a made-up phone in a command to copy
			}
			for _, e := range everything(parse(t, page)) {
				found := longNumbers.FindString(e.text)
				if found != "" && !strings.Contains(e.text, "timestamp "+found) {
					t.Errorf("%s: %q holds %s", name, e.text, found)
				}
				if found := longNumbers.FindString(e.attrs["title"]); found != "" {
					t.Errorf("%s: a title holds %s", name, found)
				}
			}
		}
	}
}

func TestPage_routes(t *testing.T) {
	for _, tc := range []struct {
		name, method, target string
		code                 int
		contentType          string
	}{
		{"page", http.MethodGet, "/", 200, "text/html; charset=utf-8"},
		{"head of the page", http.MethodHead, "/", 200, "text/html; charset=utf-8"},
		{"part", http.MethodGet, "/now", 200, "text/html; charset=utf-8"},
		{"system", http.MethodGet, "/system", 200, "text/html; charset=utf-8"},
		{"system's part", http.MethodGet, "/system/now", 200, "text/html; charset=utf-8"},
		{"below system", http.MethodGet, "/system/", 404, "text/plain; charset=utf-8"},
		{"unknown", http.MethodGet, "/leads", 404, "text/plain; charset=utf-8"},
		{"unknown file", http.MethodGet, "/static/../web.go", 404, "text/plain; charset=utf-8"},
		{"folder", http.MethodGet, "/static/", 404, "text/plain; charset=utf-8"},
		{"post", http.MethodPost, "/", 405, "text/plain; charset=utf-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := get(t, busy(), "/", func(r *http.Request) {
				r.Method = tc.method
				r.URL.Path, r.RequestURI = tc.target, tc.target
			})
			if w.Code == http.StatusMovedPermanently || w.Code == http.StatusTemporaryRedirect { // the mux cleans paths
				w = get(t, busy(), w.Header().Get("Location"))
			}
			if w.Code != tc.code || w.Header().Get("Content-Type") != tc.contentType {
				t.Errorf("%d %q, want %d %q", w.Code, w.Header().Get("Content-Type"), tc.code, tc.contentType)
			}
		})
	}
}

func TestPage_language(t *testing.T) {
	cookie := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: langCookie, Value: value}) }
	}
	accept := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Accept-Language", value) }
	}
	for _, tc := range []struct {
		name, target string
		change       []func(*http.Request)
		want         string
		kept         bool
	}{
		{"nothing said", "/", nil, "en", false},
		{"browser prefers Indonesian", "/", []func(*http.Request){accept("id-ID,id;q=0.9,en;q=0.8")}, "id", false},
		{"cookie before the browser", "/", []func(*http.Request){accept("id"), cookie("en")}, "en", false},
		{"cookie of no language", "/", []func(*http.Request){accept("id"), cookie("xx")}, "id", false},
		{"query before the cookie", "/?lang=id", []func(*http.Request){cookie("en")}, "id", true},
		{"query of no language", "/?lang=<b>", []func(*http.Request){cookie("id")}, "id", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := get(t, busy(), tc.target, tc.change...)
			html := parse(t, w.Body.String()).one(t, "html")
			if html.attrs["lang"] != tc.want {
				t.Errorf("got %s, want %s", html.attrs["lang"], tc.want)
			}
			set := w.Header().Get("Set-Cookie")
			if kept := strings.HasPrefix(set, langCookie+"="+tc.want+";"); kept != tc.kept || (kept && !strings.Contains(set, "SameSite=Lax")) {
				t.Errorf("cookie %q, want kept %v", set, tc.kept)
			}
			if got := html.one(t, "body").attrs["data-fragment"]; got != "/now?lang="+tc.want {
				t.Errorf("refreshes from %s", got)
			}
		})
	}
	if set := get(t, busy(), "/now?lang=id").Header().Get("Set-Cookie"); set != "" {
		t.Errorf("the part sets a cookie: %s", set)
	}
}

// A page that cannot be made is an error, and not half a page.
func TestPage_halfAPageIsNone(t *testing.T) {
	var log strings.Builder
	s := &server{
		cfg:   Config{Log: slog.New(slog.NewTextHandler(&log, nil))},
		pages: template.Must(template.New("now").Parse("<p>half a page {{.Missing}}")),
	}
	w := httptest.NewRecorder()
	s.render(w, httptest.NewRequest(http.MethodGet, "/now", nil), "now", nowView{})
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") || !strings.Contains(log.String(), "page could not be made") {
		t.Errorf("%d %q, log %q", w.Code, w.Body, log.String())
	}
}
