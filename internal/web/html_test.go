package web

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tandai/internal/report"
)

// node is one element of a page.
type node struct {
	tag   string
	attrs map[string]string
	kids  []*node
	text  string // of text nodes, whose tag is ""
}

// parse reads a page as a tree, and fails where an element is not closed or
// closed twice.
func parse(t *testing.T, page string) *node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &node{tag: "page"}
	open := []*node{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("page is not well formed: %v", err)
		}
		top := open[len(open)-1]
		switch e := token.(type) {
		case xml.StartElement:
			n := &node{tag: e.Name.Local, attrs: map[string]string{}}
			for _, a := range e.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			top.kids = append(top.kids, n)
			open = append(open, n)
		case xml.EndElement:
			if top.tag != e.Name.Local {
				t.Fatalf("<%s> is closed by </%s>", top.tag, e.Name.Local)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			top.kids = append(top.kids, &node{text: string(e)})
		}
	}
	if len(open) != 1 {
		t.Fatalf("<%s> is not closed", open[len(open)-1].tag)
	}
	return root
}

// all finds elements by tag, "#id" or ".class", in the order they stand in.
func (n *node) all(what string) []*node {
	var found []*node
	if n.is(what) {
		found = append(found, n)
	}
	for _, kid := range n.kids {
		found = append(found, kid.all(what)...)
	}
	return found
}

func (n *node) is(what string) bool {
	switch what[0] {
	case '#':
		return n.attrs["id"] == what[1:]
	case '.':
		return slices.Contains(strings.Fields(n.attrs["class"]), what[1:])
	}
	return n.tag == what
}

// one finds the only such element.
func (n *node) one(t *testing.T, what string) *node {
	t.Helper()
	found := n.all(what)
	if len(found) != 1 {
		t.Fatalf("found %d of %s, want 1", len(found), what)
	}
	return found[0]
}

// words is all text below, with single spaces.
func (n *node) words() string {
	var all []string
	var walk func(*node)
	walk = func(n *node) {
		all = append(all, n.text)
		for _, kid := range n.kids {
			walk(kid)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}

// card finds the card whose heading begins so.
func (n *node) card(t *testing.T, heading string) *node {
	t.Helper()
	for _, c := range n.all(".card") {
		for _, h := range c.all("h2") {
			if strings.HasPrefix(h.words(), heading) {
				return c
			}
		}
	}
	t.Fatalf("no card begins with %q", heading)
	return nil
}

// get asks a page that shows n, as a browser on this machine would.
func get(t *testing.T, n report.Now, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	h := New(Config{Reports: answer(n), Zone: jakarta, Version: "1.2.3"})
	return ask(h, target, change...)
}

func ask(h http.Handler, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:51000", "127.0.0.1:8080"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// show renders a page that must succeed.
func show(t *testing.T, n report.Now, target string) *node {
	t.Helper()
	w := get(t, n, target)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", target, w.Code, w.Body)
	}
	return parse(t, w.Body.String())
}
