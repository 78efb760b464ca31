package waha

import "bytes"

// pick collects the members of one object that it is asked for.
type pick struct {
	names []string // what to look for, matched byte for byte after unescaping
	vals  []value  // their values, one per name; nil where absent
	twice string   // a name that stood more than once
}

func (p *pick) take(key, val value) {
	name := key.inner()
	if bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(key.textOr())
	}
	for i, n := range p.names {
		if string(name) != n {
			continue
		}
		if p.vals[i] != nil && p.twice == "" {
			p.twice = n
		}
		if p.vals[i] == nil {
			p.vals[i] = val
		}
		return
	}
}

// members picks the named members of v into vals. A v that is not an object has
// none. twice is a name that stands more than once, "" if none does.
func (v value) members(vals []value, names []string) (twice string) {
	if !v.isObject() {
		return ""
	}
	p := pick{names: names, vals: vals}
	s := scanner{b: v}
	s.object(0, 0, &p)
	return p.twice
}

// each calls visit with every member of an object, in order, duplicates
// included.
func (v value) each(visit func(key, val value)) {
	if !v.isObject() {
		return
	}
	s := scanner{b: v}
	for i := s.space(1); v[i] == '"'; {
		key := i
		i = s.str(i)
		k := v[key:i]
		val := s.space(s.space(i) + 1)
		if i = s.value(val, 0); i < 0 {
			return
		}
		visit(k, v[val:i])
		if i = s.space(i); v[i] == ',' {
			i = s.space(i + 1)
		}
	}
}

// eachItem calls visit with every item of an array, in order.
func (v value) eachItem(visit func(item value)) {
	if len(v) == 0 || v[0] != '[' {
		return
	}
	s := scanner{b: v}
	for i := s.space(1); v[i] != ']'; {
		from := i
		if i = s.value(i, 0); i < 0 {
			return
		}
		visit(v[from:i])
		if i = s.space(i); v[i] == ',' {
			i = s.space(i + 1)
		}
	}
}
