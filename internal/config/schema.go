package config

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
)

// A key is one setting of Config, found by reflection.
type key struct {
	path  string // waha.api_key
	field reflect.StructField
	index []int // for reflect.Value.FieldByIndex
}

// env is the environment variable that overrides the key.
func (k key) env() string {
	return "TANDAI_" + strings.ToUpper(strings.ReplaceAll(k.path, ".", "_"))
}

// plain reports whether the value fits a line of text: all but lists of
// mappings.
func (k key) plain() bool { return !isStructs(k.field.Type) }

// keys are all settings in Config's order; those inside lists of mappings are
// not among them.
var keys = listKeys(reflect.TypeFor[Config](), "", nil)

func listKeys(t reflect.Type, prefix string, index []int) (out []key) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			continue
		}
		at := append(slices.Clone(index), i)
		if isStruct(f.Type) {
			out = append(out, listKeys(f.Type, prefix+name+".", at)...)
			continue
		}
		out = append(out, key{path: prefix + name, field: f, index: at})
	}
	return out
}

// fieldNames are the keys a mapping may have.
func fieldNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fieldNamed returns the index of a mapping's key.
func fieldNamed(t reflect.Type, name string) (int, bool) {
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("yaml"); tag != "" && tag == name {
			return i, true
		}
	}
	return 0, false
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// isStruct reports whether t is a mapping in the file. Secret, Zone and
// Database are structs too, but written as text.
func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(textUnmarshaler)
}

func isStructs(t reflect.Type) bool { return t.Kind() == reflect.Slice && isStruct(t.Elem()) }
