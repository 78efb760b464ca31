package connect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// member is one member of a JSON object: its name and where its value lies.
type member struct {
	name       string
	start, end int // of the value in the object's text
}

var (
	errNotObject = errors.New("is no JSON object")
	errNotList   = errors.New("is no JSON list")
)

// members lists the members of an object in their order.
func members(object []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errNotObject
	}
	var list []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("cannot be read: %w", err)
		}
		start, end, err := next(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, member{name.(string), start, end})
	}
	return list, whole(dec)
}

// elements lists where the elements of a list lie in its text.
func elements(list []byte) (at [][2]int, err error) {
	dec := json.NewDecoder(bytes.NewReader(list))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, errNotList
	}
	for dec.More() {
		start, end, err := next(dec)
		if err != nil {
			return nil, err
		}
		at = append(at, [2]int{start, end})
	}
	return at, whole(dec)
}

func next(dec *json.Decoder) (start, end int, err error) {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return 0, 0, fmt.Errorf("cannot be read: %w", err)
	}
	end = int(dec.InputOffset())
	return end - len(raw), end, nil
}

// whole reads the closing bracket; what follows it is not ours to judge.
func whole(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	return nil
}

// get returns a member's value, nil where there is none or it is null. Of
// several with one name the last counts, as in JavaScript.
func get(object []byte, name string) json.RawMessage {
	list, err := members(object)
	if err != nil {
		return nil
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].name == name {
			if v := object[list[i].start:list[i].end]; string(v) != "null" {
				return v
			}
			return nil
		}
	}
	return nil
}

// set gives a member a value, in its place or at the end.
func set(object []byte, name string, value []byte) ([]byte, error) {
	list, err := members(object)
	if err != nil {
		return nil, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].name == name {
			return splice(object, list[i].start, list[i].end, value), nil
		}
	}
	add := append(quote(name), ':')
	add = append(add, value...)
	return insert(object, len(list), '}', func(i int) int { return list[i].end }, add), nil
}

// add puts an element at the end of a list.
func add(list, element []byte) ([]byte, error) {
	at, err := elements(list)
	if err != nil {
		return nil, err
	}
	return insert(list, len(at), ']', func(i int) int { return at[i][1] }, element), nil
}

// insert puts what behind the last of n parts, or before the closing bracket of
// an empty text.
func insert(text []byte, n int, closing byte, end func(int) int, what []byte) []byte {
	if n == 0 {
		at := bytes.LastIndexByte(text, closing)
		return splice(text, at, at, what)
	}
	at := end(n - 1)
	return splice(text, at, at, append([]byte{','}, what...))
}

// remove takes elements out of a list, each with one comma beside it.
func remove(list []byte, gone map[int]bool) ([]byte, error) {
	at, err := elements(list)
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(list)
	for i := len(at) - 1; i >= 0; i-- {
		if !gone[i] {
			continue
		}
		start, end := at[i][0], at[i][1]
		if i > 0 { // with what separates it from the one before
			start = at[i-1][1]
		} else if j := firstKept(gone, len(at)); j > 0 { // with what separates it from the next, which stands here by now
			end += at[j][0] - at[j-1][1]
		}
		out = splice(out, start, end, nil)
	}
	return out, nil
}

// firstKept is the first of n that is not gone, 0 where all are.
func firstKept(gone map[int]bool, n int) int {
	for i := range n {
		if !gone[i] {
			return i
		}
	}
	return 0
}

func splice(text []byte, start, end int, what []byte) []byte {
	out := make([]byte, 0, len(text)+len(what))
	out = append(out, text[:start]...)
	out = append(out, what...)
	return append(out, text[end:]...)
}

func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // as JavaScript writes it
	_ = enc.Encode(s)        // a string: cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
