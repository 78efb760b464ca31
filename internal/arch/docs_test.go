package arch

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// A page's claim is worth its test: one that was renamed holds nothing.
func TestDocs_tests_exist(t *testing.T) {
	found, err := lostTests(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, lost := range found {
		t.Error(lost)
	}
}

// namedTest is a test in running text: TestFold, TestStore/any_order.
var namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9_]*)(?:/([^`]+))?`")

// lostTests returns a sentence for each test that a page names and no file has. A
// subtest exists where each part of its name, with blanks for _, is a text in a Go
// file.
func lostTests(fsys fs.FS) ([]string, error) {
	files, err := read(fsys)
	if err != nil {
		return nil, err
	}
	funcs, texts := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				funcs[n.Name.Name] = funcs[n.Name.Name] || f.test
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil {
					texts[strings.ReplaceAll(text, " ", "_")] = true
				}
			}
			return true
		})
	}
	pages, err := pagesOf(fsys)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, page := range pages {
		text, err := fs.ReadFile(fsys, page)
		if err != nil {
			return nil, err
		}
		for _, m := range namedTest.FindAllSubmatch(text, -1) {
			subtests := strings.FieldsFunc(string(m[2]), func(r rune) bool { return r == '/' })
			if !funcs[string(m[1])] || slices.ContainsFunc(subtests, func(sub string) bool { return !texts[sub] }) {
				found = append(found, fmt.Sprintf("%s names the test %s, which does not exist", page, strings.Trim(string(m[0]), "`")))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func pagesOf(fsys fs.FS) (pages []string, err error) {
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md", "examples/*/*.md"} {
		more, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, err
		}
		pages = append(pages, more...)
	}
	return pages, nil
}

func TestDocs_links_lead_somewhere(t *testing.T) {
	found, err := brokenLinks(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range found {
		t.Error(broken)
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	unlinked = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// brokenLinks returns a sentence for each link to a file or a heading that is not
// there. The anchor of a heading is as GitHub makes it.
func brokenLinks(fsys fs.FS) ([]string, error) {
	pages, err := pagesOf(fsys)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, page := range pages {
		text, err := fs.ReadFile(fsys, page)
		if err != nil {
			return nil, err
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			to, anchor, _ := strings.Cut(string(m[1]), "#")
			if strings.Contains(to, "://") {
				continue
			}
			target := page
			if to != "" {
				target = path.Join(path.Dir(page), to)
			}
			if _, err := fs.Stat(fsys, target); err != nil {
				found = append(found, fmt.Sprintf("%s links to %s, which does not exist", page, m[1]))
				continue
			}
			if anchor == "" {
				continue
			}
			there, err := fs.ReadFile(fsys, target)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(heading.FindAllSubmatch(there, -1), func(h [][]byte) bool {
				return strings.ReplaceAll(unlinked.ReplaceAllString(strings.ToLower(string(h[1])), ""), " ", "-") == anchor
			}) {
				found = append(found, fmt.Sprintf("%s links to %s, which is no heading there", page, m[1]))
			}
		}
	}
	return found, nil
}

func TestBrokenLinks(t *testing.T) {
	tree := fstest.MapFS{
		"README.md": {Data: []byte("[a](docs/a.md#the-first-part) [b](https://example.com/#x) [c](docs/b.md) [d](docs/a.md#the-third)\n")},
		"docs/a.md": {Data: []byte("# A\n## The `first`, part\n[up](../README.md) [here](#a) [there](#b)\n")},
	}
	got, err := brokenLinks(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"README.md links to docs/b.md, which does not exist",
		"README.md links to docs/a.md#the-third, which is no heading there",
		"docs/a.md links to #b, which is no heading there",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLostTests(t *testing.T) {
	tree := fstest.MapFS{
		"internal/app/a.go":      {Data: []byte("package x\nfunc TestNotATest() {}")},
		"internal/app/a_test.go": {Data: []byte("package x\nfunc TestFold() {}\nvar parts = []string{\"any order\"}")},
		"README.md":              {Data: []byte("`TestFold`, `TestFold/any_order`, `TestFold/any_order/any_order`, and Test of nothing")},
		"docs/a.md":              {Data: []byte("`TestFold/no_order`, `TestGone`, `FuzzGone`, `TestNotATest`")},
	}
	got, err := lostTests(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"docs/a.md names the test FuzzGone, which does not exist",
		"docs/a.md names the test TestFold/no_order, which does not exist",
		"docs/a.md names the test TestGone, which does not exist",
		"docs/a.md names the test TestNotATest, which does not exist",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
