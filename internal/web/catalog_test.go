package web

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// A text that one language lacks would be a hole in the page.
func TestTexts_complete(t *testing.T) {
	en, id := flat(reflect.ValueOf(english), ""), flat(reflect.ValueOf(indonesian), "")
	for key, text := range en {
		if text == "" {
			t.Errorf("%s has no English", key)
		}
		other, ok := id[key]
		if !ok || other == "" {
			t.Errorf("%s has no Indonesian", key)
		}
		if a, b := verbs(text), verbs(other); !slices.Equal(a, b) {
			t.Errorf("%s takes %v in English and %v in Indonesian", key, a, b)
		}
	}
	for key := range id {
		if _, ok := en[key]; !ok {
			t.Errorf("%s has no English", key)
		}
	}
	if len(en) < 100 {
		t.Errorf("only %d texts found", len(en))
	}
}

var verb = regexp.MustCompile(`%(\[\d\])?[a-z]|\{\d\}`)

// verbs are the values a text takes, which must be the same ones in another
// order at most.
func verbs(text string) []string {
	found := verb.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

func flat(v reflect.Value, key string) map[string]string {
	all := map[string]string{}
	add := func(key string, v reflect.Value) {
		for k, text := range flat(v, key) {
			all[k] = text
		}
	}
	switch v.Kind() {
	case reflect.String:
		all[key] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			add(key+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			add(fmt.Sprintf("%s[%s]", key, k), v.MapIndex(k))
		}
	default:
		panic("a text of kind " + v.Kind().String())
	}
	return all
}

// What WAHA and the pipeline may say has a word of ours in both languages.
func TestTexts_codes(t *testing.T) {
	for _, texts := range []*Texts{&english, &indonesian} {
		for _, code := range []string{"group", "broadcast", "newsletter", "other_chat", "ignored_number", "unknown_event", "unused_event"} {
			if texts.Reasons[code] == "" {
				t.Errorf("%s: skipped for %s has no words", texts.Tag, code)
			}
		}
		for status := range statusKinds {
			if texts.Statuses[status] == "" {
				t.Errorf("%s: the status %s has no words", texts.Tag, status)
			}
		}
		for _, source := range []string{"snapshot", "import", "label_deleted"} {
			if texts.Sources[source] == "" {
				t.Errorf("%s: the source %s has no words", texts.Tag, source)
			}
		}
	}
}
