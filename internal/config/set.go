package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var durationType = reflect.TypeFor[time.Duration]()

// setText sets one value from its text and checks its tags.
func setText(v reflect.Value, tag reflect.StructTag, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		return checkLimits(v, tag)
	}
	switch {
	case v.Type() == durationType:
		d, err := ParseDuration(text)
		if err != nil {
			return err
		}
		v.SetInt(int64(d))
	case v.Kind() == reflect.Bool:
		if text != "true" && text != "false" { // as YAML 1.2 has it: yes and on are texts
			return fmt.Errorf("%s; want true or false", show(text))
		}
		v.SetBool(text == "true")
	case v.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%s is no whole number", show(text))
		}
		v.SetInt(int64(n))
	case v.Kind() == reflect.String:
		if strings.ContainsFunc(text, unicode.IsControl) {
			return errors.New("a line break or another control character is in it; want one line of text")
		}
		if allowed := strings.Fields(tag.Get("oneof")); len(allowed) > 0 {
			return setOneOf(v, text, allowed)
		}
		v.SetString(text)
	default:
		panic("config: a field of type " + v.Type().String())
	}
	return checkLimits(v, tag)
}

func setOneOf(v reflect.Value, text string, allowed []string) error {
	for _, a := range allowed {
		if text == a {
			v.SetString(text)
			return nil
		}
	}
	return fmt.Errorf("%s; want %s", show(text), or(allowed))
}

// checkLimits checks the tags min and max, which are written as values are.
func checkLimits(v reflect.Value, tag reflect.StructTag) error {
	lowest, highest := tag.Get("min"), tag.Get("max")
	limit := func(text string) int64 {
		edge := reflect.New(v.Type()).Elem()
		if err := setText(edge, "", text); err != nil {
			panic("config: a bad limit in a tag: " + err.Error())
		}
		return edge.Int()
	}
	switch {
	case lowest != "" && highest != "" && (v.Int() < limit(lowest) || v.Int() > limit(highest)):
		return fmt.Errorf("%s; want %s to %s", display(v), lowest, highest)
	case lowest != "" && v.Int() < limit(lowest):
		return fmt.Errorf("%s; want %s or more", display(v), lowest)
	}
	return nil
}

// setList sets a list of plain values, one text per element. Where that fails
// it says at which.
func setList(v reflect.Value, texts []string) (at int, err error) {
	list := reflect.MakeSlice(v.Type(), len(texts), len(texts))
	for i, text := range texts {
		if text == "" {
			return i, errors.New("an empty text is in the list")
		}
		if err := setText(list.Index(i), "", text); err != nil {
			return i, err
		}
	}
	v.Set(list)
	return 0, nil
}

// display writes a value as the file would have it, secrets redacted.
func display(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return formatDuration(x)
	case fmt.Stringer:
		return x.String()
	}
	if v.Kind() == reflect.Slice {
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = display(v.Index(i))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v.Interface())
}

// or joins words as a sentence does: a, b or c.
func or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
