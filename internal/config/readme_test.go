package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var codeSpan = regexp.MustCompile("`([^`\n]+)`")

func textOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keyPaths are all keys, those of mappings (`waha`) and of lists of mappings
// (`clients[].labels.allow`) among them.
func keyPaths(typ reflect.Type, prefix string) (all []string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			continue
		}
		all = append(all, prefix+name)
		switch {
		case isStruct(f.Type):
			all = append(all, keyPaths(f.Type, prefix+name+".")...)
		case isStructs(f.Type):
			all = append(all, keyPaths(f.Type.Elem(), prefix+name+"[].")...)
		}
	}
	return all
}

// A settingRow is a row of a README's table of keys.
type settingRow struct {
	keys []string // as written: addr, clients[].labels, radar.*
	env  string
	text string // what stands in the third column
}

// settingRows reads the table whose rows have an environment variable, or –, in
// their second column.
func settingRows(t *testing.T, path string) (rows []settingRow) {
	t.Helper()
	for line := range strings.Lines(textOf(t, path)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 || !strings.Contains(cells[1], "`TANDAI_") && strings.TrimSpace(cells[1]) != "–" {
			continue
		}
		row := settingRow{env: strings.TrimSpace(cells[1]), text: cells[2]}
		for _, span := range codeSpan.FindAllStringSubmatch(cells[0], -1) {
			row.keys = append(row.keys, span[1])
		}
		rows = append(rows, row)
	}
	if len(rows) < 10 {
		t.Fatalf("%s: found %d rows of settings", path, len(rows))
	}
	return rows
}

// keyForm is a key in running text: two or more parts, the first of them a key of
// the file itself.
var keyForm = regexp.MustCompile(`^[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)+$`)

func TestReadme_settings(t *testing.T) {
	defaults := map[string]string{}
	for _, s := range Default().Settings() {
		defaults[s.Key] = s.Value
	}
	known := keyPaths(reflect.TypeFor[Config](), "")
	for _, path := range []string{"README.md", "README.id.md"} {
		named := map[string]bool{}
		for _, row := range settingRows(t, path) {
			var env []string
			for _, name := range row.keys {
				group, isGroup := strings.CutSuffix(name, ".*")
				if !slices.Contains(known, group) {
					t.Errorf("%s names %s, which is no key", path, name)
				}
				named[name] = true
				i := slices.IndexFunc(keys, func(k key) bool { return k.path == name })
				switch {
				case isGroup || i < 0 || !keys[i].plain():
					continue
				case len(row.keys) < 4:
					env = append(env, "`"+keys[i].env()+"`")
				}
				if v := defaults[name]; v != "" && len(row.keys) < 4 && !strings.Contains(row.text, "`"+v+"`") {
					t.Errorf("%s: the default of %s is %s, and its row says: %s", path, name, v, row.text)
				}
			}
			if len(env) > 0 && row.env != strings.Join(env, ", ") {
				t.Errorf("%s: %v come from %v, and the row says %s", path, row.keys, env, row.env)
			}
		}
		for _, span := range codeSpan.FindAllStringSubmatch(textOf(t, path), -1) {
			named[span[1]] = true
		}
		for _, k := range keys {
			covered := named[k.path]
			for group := k.path; !covered && strings.Contains(group, "."); {
				group = group[:strings.LastIndex(group, ".")]
				covered = named[group+".*"]
			}
			if !covered {
				t.Errorf("%s does not name %s", path, k.path)
			}
		}
	}
}

func TestReadme_the_same_settings_in_both_languages(t *testing.T) {
	in := func(path string) (all []string) {
		for _, row := range settingRows(t, path) {
			all = append(all, strings.Join(row.keys, ", ")+" | "+row.env)
		}
		return all
	}
	if diff := cmp.Diff(in("README.md"), in("README.id.md")); diff != "" {
		t.Errorf("(-README.md +README.id.md):\n%s", diff)
	}
}

// Keys and variables that stand in running text are as easily left behind when a
// setting is renamed.
func TestDocs_name_settings_that_exist(t *testing.T) {
	known := keyPaths(reflect.TypeFor[Config](), "")
	variables := []string{"TANDAI_CONFIG"}
	for _, k := range keys {
		variables = append(variables, k.env())
	}
	docs := []string{"README.md", "README.id.md", "CHANGELOG.md"}
	more, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(more) == 0 {
		t.Fatal(more, err)
	}
	for _, path := range more {
		docs = append(docs, filepath.Join("docs", filepath.Base(path)))
	}
	found := 0
	for _, path := range docs {
		text := textOf(t, path)
		for _, span := range codeSpan.FindAllStringSubmatch(text, -1) {
			name, _, _ := strings.Cut(span[1], ":") // `waha.messages: true`
			top, _, _ := strings.Cut(strings.ReplaceAll(name, "[]", ""), ".")
			if !keyForm.MatchString(name) || !slices.Contains(known, top) || name == "inbox.db" {
				continue
			}
			found++
			if !slices.Contains(known, name) {
				t.Errorf("%s names %s, which is no key", path, name)
			}
		}
		for _, name := range regexp.MustCompile(`TANDAI_[A-Z_]+[A-Z]\b`).FindAllString(text, -1) {
			if !slices.Contains(variables, name) {
				t.Errorf("%s names %s, which is no variable of Tandai's", path, name)
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d keys in the docs, too few to be all", found)
	}
}
