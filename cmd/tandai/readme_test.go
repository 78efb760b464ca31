package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// model is the command line as kong knows it.
func model(t *testing.T) *kong.Node {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("tandai"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Node
}

// leaves are the commands that do something, by name: "waha connect".
func leaves(node *kong.Node) map[string]*kong.Node {
	all := map[string]*kong.Node{}
	for _, leaf := range node.Leaves(true) {
		all[strings.TrimPrefix(leaf.Path(), "tandai ")] = leaf
	}
	return all
}

// flagsOf are the names of a command's flags, --wait, those of every command
// among them when all is set.
func flagsOf(node *kong.Node, all bool) (names []string) {
	for at := node; at != nil && (all || at.Type != kong.ApplicationNode); at = at.Parent {
		for _, f := range at.Flags {
			names = append(names, "--"+f.Name)
			if f.Short != 0 {
				names = append(names, "-"+string(f.Short))
			}
		}
	}
	return names
}

func doc(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	commandRow = regexp.MustCompile("(?m)^\\| `tandai ([a-z][a-z0-9 -]*[a-z0-9])[^`]*` \\|(.*)\\|$")
	longFlag   = regexp.MustCompile("`(--[a-z][a-z0-9-]*)")
)

// commandRows are a README's commands and the flags their rows name, sorted.
func commandRows(t *testing.T, path string) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, row := range commandRow.FindAllStringSubmatch(doc(t, path), -1) {
		flags := []string{}
		for _, flag := range longFlag.FindAllStringSubmatch(row[2], -1) {
			flags = append(flags, flag[1])
		}
		slices.Sort(flags)
		rows[row[1]] = slices.Compact(flags)
	}
	return rows
}

// TestReadme_commands holds the tables of commands against kong: every command
// with all its flags but --json, which is named once for all.
func TestReadme_commands(t *testing.T) {
	want := map[string][]string{}
	for name, leaf := range leaves(model(t)) {
		flags := []string{}
		for _, flag := range flagsOf(leaf, false) {
			if strings.HasPrefix(flag, "--") && flag != "--json" && flag != "--help" {
				flags = append(flags, flag)
			}
		}
		slices.Sort(flags)
		want[name] = flags
	}
	for _, path := range []string{"README.md", "README.id.md"} {
		if diff := cmp.Diff(want, commandRows(t, path)); diff != "" {
			t.Errorf("%s (-what there is +what it names):\n%s", path, diff)
		}
	}
}

func TestReadme_the_same_parts_in_both_languages(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)]+)\)`)
	shape := func(path string) (parts []string) {
		for line := range strings.Lines(doc(t, path)) {
			switch {
			case strings.HasPrefix(line, "## "):
				parts = append(parts, "a part")
			case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "- **"):
				parts = append(parts, line[:3])
			case strings.HasPrefix(line, "|"):
				parts = append(parts, "a row")
			}
			for _, link := range links.FindAllStringSubmatch(line, -1) {
				if !strings.HasPrefix(link[1], "README") {
					parts = append(parts, link[1])
				}
			}
		}
		return parts
	}
	if diff := cmp.Diff(shape("README.md"), shape("README.id.md")); diff != "" {
		t.Errorf("(-README.md +README.id.md):\n%s", diff)
	}
	for _, path := range []string{"README.md", "README.id.md"} {
		if n := strings.Count(doc(t, path), "\n"); n >= 200 {
			t.Errorf("%s has %d lines, want less than 200", path, n)
		}
	}
}

// invocation is `tandai …` in code; what follows is the command and its flags.
var invocation = regexp.MustCompile("(?:^|[\\s`/$(])tandai ([a-z][^`\n|#;]*)")

// invocations are what the code in a page says behind `tandai`: its spans and the
// lines of its blocks.
func invocations(text string) (all []string) {
	inBlock := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inBlock = !inBlock
			continue
		}
		code := []string{line}
		if !inBlock {
			code = regexp.MustCompile("`[^`\n]+`").FindAllString(line, -1)
		}
		for _, c := range code {
			for _, found := range invocation.FindAllStringSubmatch(c, -1) {
				all = append(all, strings.TrimPrefix(found[1], "tandai ")) // sudo -u tandai tandai doctor
			}
		}
	}
	return all
}

func TestDocs_commands_exist(t *testing.T) {
	root := model(t)
	paths := []string{"README.md", "README.id.md", "CHANGELOG.md", "CONTRIBUTING.md", "tandai.example.yaml"}
	for _, pattern := range []string{"docs/*.md", "docs/decisions/*.md", "examples/*/*.md"} {
		more, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(more) == 0 {
			t.Fatal(pattern, more, err)
		}
		for _, path := range more {
			paths = append(paths, strings.TrimPrefix(filepath.ToSlash(path), "../../"))
		}
	}
	found := 0
	for _, path := range paths {
		for _, text := range invocations(doc(t, path)) {
			node, words := root, strings.Fields(text)
			for len(words) > 0 {
				i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == strings.TrimRight(words[0], ",.:)") })
				if i < 0 {
					break
				}
				node, words = node.Children[i], words[1:]
			}
			if node == root {
				t.Errorf("%s: `tandai %s`: there is no such command", path, text)
				continue
			}
			found++
			known := flagsOf(node, true)
			for _, word := range words {
				flag, _, _ := strings.Cut(strings.Trim(word, "[],.:)"), "=")
				if strings.HasPrefix(flag, "-") && !slices.Contains(known, flag) {
					t.Errorf("%s: `tandai %s`: %s has no flag %s", path, text, node.Path(), flag)
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d commands in the docs, too few to be all", found)
	}
}
