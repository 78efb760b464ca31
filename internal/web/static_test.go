package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestStatic(t *testing.T) {
	root := show(t, busy(), "/")
	addresses := []string{root.one(t, "script").attrs["src"]}
	for _, link := range root.all("link") {
		addresses = append(addresses, link.attrs["href"])
	}
	css := get(t, busy(), "/static/tandai.css")
	font := regexp.MustCompile(`url\("([^"]+)"\)`).FindStringSubmatch(css.Body.String())
	if font == nil {
		t.Fatal("the style sheet names no font")
	}
	addresses = append(addresses, "/static/"+font[1])
	if addresses[1] != addresses[len(addresses)-1] {
		t.Errorf("the page loads the font from %s, the style sheet from %s", addresses[1], addresses[len(addresses)-1])
	}
	if len(addresses) != 5 {
		t.Fatalf("the page asks for %v", addresses)
	}
	for _, address := range addresses {
		path, _, _ := strings.Cut(address, "?v=")
		fresh, plain := get(t, busy(), address), get(t, busy(), path)
		if fresh.Code != http.StatusOK || fresh.Body.Len() == 0 || !strings.Contains(fresh.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %q", address, fresh.Code, fresh.Body.Len(), fresh.Header().Get("Cache-Control"))
		}
		tag := plain.Header().Get("ETag")
		if plain.Header().Get("Cache-Control") != "no-cache" || len(tag) < 10 || tag != fresh.Header().Get("ETag") {
			t.Errorf("%s without its version: %q, ETag %q", path, plain.Header().Get("Cache-Control"), tag)
		}
		again := get(t, busy(), path, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s asked for again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		old := get(t, busy(), path+"?v=0123456789abcdef")
		if old.Code != http.StatusOK || old.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s in another version: %d %q", path, old.Code, old.Header().Get("Cache-Control"))
		}
	}
	for name, a := range loadAssets() {
		if a.contentType == "" {
			t.Errorf("%s has no type", name)
		}
		if strings.Contains(string(a.body), "https://") || strings.Contains(string(a.body), "@import") {
			t.Errorf("%s loads from elsewhere", name)
		}
	}
}

// The style sheet has a rule for every class the page uses, and none besides.
func TestStatic_classes(t *testing.T) {
	used := map[string]bool{"gone": true} // set by the script
	for _, n := range states() {
		for _, target := range []string{"/?lang=en", "/?lang=id"} {
			for _, e := range everything(show(t, n, target)) {
				for class := range strings.FieldsSeq(e.attrs["class"]) {
					used[class] = true
				}
			}
		}
	}
	for _, y := range systems() {
		for _, e := range everything(showSystem(t, y, "en")) {
			for class := range strings.FieldsSeq(e.attrs["class"]) {
				used[class] = true
			}
		}
	}
	css := regexp.MustCompile(`(?s)/\*.*?\*/|\{[^{}]*\}`).ReplaceAllString(string(loadAssets()["tandai.css"].body), " ")
	styled := map[string]bool{}
	for _, class := range regexp.MustCompile(`\.[a-z][a-z0-9-]*`).FindAllString(css, -1) {
		styled[class[1:]] = true
	}
	for class := range used {
		if !styled[class] {
			t.Errorf("class %q has no rule", class)
		}
	}
	for class := range styled {
		if !used[class] {
			t.Errorf("the rule for %q is for nothing", class)
		}
	}
}
