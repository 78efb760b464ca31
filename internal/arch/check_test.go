package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// module is this project's, the first part of its import paths.
const module = "tandai"

// A file is one Go file of the repository.
type file struct {
	path  string // slash-separated, from the root
	dir   string
	test  bool
	lines int
	ast   *ast.File
}

// check returns one sentence for each breach of the rules in the tree fsys,
// sorted.
func check(fsys fs.FS) ([]string, error) {
	files, err := read(fsys)
	if err != nil {
		return nil, err
	}
	var found []string
	breach := func(f *file, format string, args ...any) {
		found = append(found, f.path+": "+fmt.Sprintf(format, args...))
	}
	for _, f := range files {
		r, known := rooms[f.dir]
		if !known {
			found = append(found, f.dir+": no line in internal/arch/rules_test.go; add it with what it may import")
			continue
		}
		checkShape(f, breach)
		if r.pure && !f.test {
			checkClock(f, breach)
		}
		for _, imported := range f.imports() {
			checkImport(f, r, imported, breach)
		}
	}
	required, err := checkGoMod(fsys)
	if err != nil {
		return nil, err
	}
	found = append(found, required...)
	slices.Sort(found)
	return slices.Compact(found), nil
}

// read parses every Go file that `go build ./...` would look at, for any
// system.
func read(fsys fs.FS) ([]*file, error) {
	var files []*file
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != "." && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, &file{
			path: p, dir: path.Dir(p), test: strings.HasSuffix(name, "_test.go"),
			lines: bytes.Count(text, []byte("\n")), ast: parsed,
		})
		return nil
	})
	return files, err
}

func (f *file) imports() (paths []string) {
	for _, spec := range f.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

type breachFunc func(f *file, format string, args ...any)

// checkShape holds the size of a file and the name of its package.
func checkShape(f *file, breach breachFunc) {
	if f.lines > maxLines && !ast.IsGenerated(f.ast) {
		breach(f, "has %d lines; want at most %d", f.lines, maxLines)
	}
	if name := strings.TrimSuffix(f.ast.Name.Name, "_test"); slices.Contains(vagueNames, name) {
		breach(f, "a package named %s says nothing about what it is for", name)
	}
}

// checkImport holds one import against every rule.
func checkImport(f *file, r room, imported string, breach breachFunc) {
	if below(imported, module) {
		checkOurs(f, r, strings.TrimPrefix(imported, module+"/"), breach)
		return
	}
	if !standard(imported) {
		checkModule(f, r, imported, breach)
		return
	}
	if f.test {
		return
	}
	if i := slices.IndexFunc(impure, func(p string) bool { return below(imported, p) }); r.pure && i >= 0 {
		breach(f, "imports %s; the vocabulary does without %s", imported, impure[i])
	}
	for _, p := range places {
		if below(imported, p.pkg) && !slices.ContainsFunc(p.in, func(dir string) bool { return below(f.dir, dir) }) {
			breach(f, "imports %s; %s", imported, p.want)
		}
	}
}

// checkOurs holds an import of one of our own packages.
func checkOurs(f *file, r room, imported string, breach breachFunc) {
	target, known := rooms[imported]
	name := strings.TrimPrefix(imported, "internal/")
	switch {
	case imported == f.dir: // an external test of the package itself
	case !known:
		breach(f, "imports %s, which has no line in internal/arch/rules_test.go", imported)
	case slices.Contains(r.uses, name):
	case f.test && r.pure:
		if !target.pure {
			breach(f, "imports %s; tests of the vocabulary use the vocabulary alone", imported)
		}
	case f.test:
		if slices.Contains(notInTests, name) && !slices.Contains(r.uses, "*") {
			breach(f, "imports %s; a test that needs it belongs to app or cmd", imported)
		}
	case target.support:
		breach(f, "imports %s, which is for tests", imported)
	case slices.Contains(r.uses, "*"):
	default:
		breach(f, "imports %s; %s may import %s", imported, f.dir, list(r.uses))
	}
}

// checkModule holds an import of a library.
func checkModule(f *file, r room, imported string, breach breachFunc) {
	m := moduleOf(imported)
	switch {
	case m == "":
		breach(f, "imports %s, a library with no line in internal/arch/rules_test.go", imported)
	case f.test:
	case r.pure:
		breach(f, "imports %s; the vocabulary does without libraries", imported)
	case !slices.Contains(modules[m], f.dir) && !slices.Contains(modules[m], "*"):
		breach(f, "imports %s, which is for %s", imported, list(modules[m]))
	}
}

// checkClock finds uses of the clock in the vocabulary.
func checkClock(f *file, breach breachFunc) {
	names := map[string]bool{} // what this file calls package time
	for _, spec := range f.ast.Imports {
		switch {
		case spec.Path.Value != `"time"`:
		case spec.Name == nil:
			names["time"] = true
		case spec.Name.Name == ".":
			breach(f, "imports time with a dot, which hides uses of the clock")
		default:
			names[spec.Name.Name] = true
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] && slices.Contains(clock, sel.Sel.Name) {
				breach(f, "uses time.%s; the vocabulary sees no clock", sel.Sel.Name)
			}
		}
		return true
	})
}

var requirement = regexp.MustCompile(`(?m)^(?:require\s+|\t)([a-z0-9.-]+\.[a-z]+/\S+|pgregory\.net/\S+) v\S+$`)

// checkGoMod holds the direct requirements against the list of libraries.
func checkGoMod(fsys fs.FS) (found []string, err error) {
	text, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, err
	}
	for _, m := range requirement.FindAllStringSubmatch(string(text), -1) {
		if _, known := modules[m[1]]; !known {
			found = append(found, "go.mod: requires "+m[1]+", a library with no line in internal/arch/rules_test.go")
		}
	}
	return found, nil
}

// undecided returns one sentence for each library that is imported and that
// docs/decisions does not mention.
func undecided(fsys fs.FS) ([]string, error) {
	files, err := read(fsys)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(fsys, "docs/decisions/*.md")
	if err != nil {
		return nil, err
	}
	var decisions strings.Builder
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		decisions.Write(text)
	}
	importedBy := map[string]string{} // library → a file that imports it
	for _, f := range files {
		for _, imported := range f.imports() {
			if m := moduleOf(imported); m != "" && importedBy[m] == "" {
				importedBy[m] = f.path
			}
		}
	}
	var found []string
	for _, m := range slices.Sorted(maps.Keys(importedBy)) {
		if !strings.Contains(decisions.String(), m) {
			found = append(found, fmt.Sprintf("docs/decisions does not say why %s is used (by %s)", m, importedBy[m]))
		}
	}
	return found, nil
}

// moduleOf returns the library an import path belongs to, "" for none.
func moduleOf(imported string) string {
	for _, m := range slices.Sorted(maps.Keys(modules)) {
		if below(imported, m) {
			return m
		}
	}
	return ""
}

// standard reports whether a path is of the standard library: those have no
// dot in their first part.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// below reports whether p is dir or lies in it.
func below(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
