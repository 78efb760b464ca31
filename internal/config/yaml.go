package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML sets what a file's text says.
func (l *loader) readYAML(text []byte) {
	l.layer = fromFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	err := decoder.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return // nothing in it, or comments alone
	case err != nil:
		l.syntax(err)
		return
	}
	l.mapping(reflect.ValueOf(l.cfg).Elem(), doc.Content[0], "")
	if err := decoder.Decode(&yaml.Node{}); err == nil {
		l.add(Problem{Where: l.file, Text: l.file + ": a second YAML document begins after ---; want one"})
	} else if !errors.Is(err, io.EOF) {
		l.syntax(err)
	}
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// syntax turns the parser's error into a problem. Where it quotes, it may
// quote a secret (`api_key: *x` is an alias to YAML), so that is cut out.
func (l *loader) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	where, line := l.file, 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		where, text = l.at(line), text[len(m[0]):]
	}
	text = regexp.MustCompile(`'.*'`).ReplaceAllString(text, "…")
	l.add(Problem{Where: where, line: line, Text: where + ": not YAML: " + text})
}

func (l *loader) at(line int) string { return fmt.Sprintf("%s:%d", l.file, line) }

// mark notes where a key was set.
func (l *loader) mark(path string, node *yaml.Node) {
	l.origins[path] = origin{layer: fromFile, where: l.at(node.Line), line: node.Line}
}

// value sets v, the setting at path, from node.
func (l *loader) value(v reflect.Value, tag reflect.StructTag, node *yaml.Node, path string) {
	switch t := v.Type(); {
	case isStruct(t):
		l.mapping(v, node, path)
	case isStructs(t):
		l.mappings(v, node, path)
	case t.Kind() == reflect.Slice:
		l.list(v, node, path)
	default:
		if node.Kind != yaml.ScalarNode {
			l.problem(path, "%s; want %s", kind(node), wants(v))
			return
		}
		if err := setText(v, tag, node.Value); err != nil {
			l.problem(path, "%v", err)
		}
	}
}

// mapping sets the fields of a struct.
func (l *loader) mapping(v reflect.Value, node *yaml.Node, path string) {
	if node = resolve(node); isNull(node) {
		return
	}
	if node.Kind != yaml.MappingNode {
		if path == "" {
			l.add(Problem{Where: l.at(node.Line), line: node.Line, Text: fmt.Sprintf("%s: %s; want keys such as `addr: 127.0.0.1:8080`", l.at(node.Line), kind(node))})
			return
		}
		l.problem(path, "%s; want a mapping with the keys %s", kind(node), strings.Join(fieldNames(v.Type()), ", "))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], resolve(node.Content[i+1])
		at := join(path, name.Value)
		index, known := fieldNamed(v.Type(), name.Value)
		if name.Kind != yaml.ScalarNode || !known {
			l.unknown(v.Type(), name, path)
			continue
		}
		if first, twice := seen[name.Value]; twice {
			l.add(Problem{Key: at, Where: l.at(name.Line), line: name.Line, Text: fmt.Sprintf("%s at %s: given twice; it is already at %s", at, l.at(name.Line), l.at(first))})
			continue
		}
		seen[name.Value] = name.Line
		if isNull(value) {
			continue // `waha:` with everything under it commented out
		}
		l.mark(at, name)
		l.value(v.Field(index), v.Type().Field(index).Tag, value, at)
	}
}

// mappings sets a list of structs.
func (l *loader) mappings(v reflect.Value, node *yaml.Node, path string) {
	if node.Kind != yaml.SequenceNode {
		l.problem(path, "%s; want a list, each entry with the keys %s", kind(node), strings.Join(fieldNames(v.Type().Elem()), ", "))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(node.Content), len(node.Content)))
	for i, entry := range node.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		l.mark(at, entry)
		l.mapping(v.Index(i), entry, at)
	}
}

// list sets a list of plain values; one alone needs no list.
func (l *loader) list(v reflect.Value, node *yaml.Node, path string) {
	entries := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		entries = node.Content
	}
	texts := make([]string, 0, len(entries))
	for i, entry := range entries {
		entry = resolve(entry)
		at := fmt.Sprintf("%s[%d]", path, i)
		l.mark(at, entry)
		if entry.Kind != yaml.ScalarNode || isNull(entry) {
			l.problem(at, "%s; want a text", kind(entry))
			return
		}
		texts = append(texts, entry.Value)
	}
	if len(texts) == 1 && texts[0] == "" && node.Kind == yaml.ScalarNode {
		return // `hmac_key: ""` is no key
	}
	if i, err := setList(v, texts); err != nil {
		l.problem(fmt.Sprintf("%s[%d]", path, i), "%v", err)
	}
}

// unknown reports a key that t does not have, with the one that was meant.
func (l *loader) unknown(t reflect.Type, name *yaml.Node, path string) {
	at := l.at(name.Line)
	add := func(text string) {
		l.add(Problem{Key: join(path, name.Value), Where: at, line: name.Line, Text: text})
	}
	if name.Kind != yaml.ScalarNode {
		add(fmt.Sprintf("%s as a key at %s; want a text", kind(name), at))
		return
	}
	here := fieldNames(t)
	for _, k := range keys { // right name, wrong place
		if parent, last, nested := cutLast(k.path); nested && last == name.Value && path != parent {
			add(fmt.Sprintf("unknown key %s at %s; did you mean %q?", show(join(path, name.Value)), at, k.path))
			return
		}
	}
	best, near := nearest(name.Value, here)
	if near {
		add(fmt.Sprintf("unknown key %s at %s; did you mean %q?", show(join(path, name.Value)), at, join(path, best)))
		return
	}
	add(fmt.Sprintf("unknown key %s at %s; the nearest is %q, all are %s", show(join(path, name.Value)), at, join(path, best), strings.Join(here, ", ")))
}

func cutLast(path string) (parent, last string, nested bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// resolve follows aliases.
func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// kind says what a node is, without saying what is in it.
func kind(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case isNull(node):
		return "nothing"
	}
	return "a single value"
}

// wants says what a plain setting takes.
func wants(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return "a duration such as 90s or 30d"
	case v.Type() == reflect.TypeFor[Size]():
		return "a size such as 20GiB"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.Kind() == reflect.Int:
		return "a whole number"
	}
	return "a single text"
}
