package waha

import "strings"

// keepStatus reduces session.status. While a number is being paired WAHA puts
// codes into payload.data, and where it will put the next one nobody knows, so
// whatever is not on the list below goes:
//
//	envelope             its nine members
//	payload              name (when it is the session's), status, statuses, data
//	payload.statuses[]   status, timestamp
//	payload.data         reachoutTimelock, messageCapping
//
// and below all of them no member is kept whose name speaks of a code, in
// whatever letter case. Duplicates are judged one by one. A body that holds
// nothing else is returned as it came.
func keepStatus(body []byte, env *envelope) []byte {
	f := statusFilter{writer: writer{buf: make([]byte, 0, len(body))}, session: env[envSession].fit(maxSession, nil)}
	whole := value(body)
	whole = whole[(&scanner{b: body}).space(0):]
	f.object(whole, (*statusFilter).envelopeMember)
	if !f.removed {
		return body
	}
	return f.buf
}

// statusFilter copies a session.status body member by member.
type statusFilter struct {
	writer
	session value
	removed bool
}

// rule judges one member of an object by its decoded name, and writes what may
// stay of its value after the key, which has been written. false takes the
// member out again.
type rule func(f *statusFilter, name string, v value) bool

func (f *statusFilter) object(v value, judge rule) {
	f.buf = append(f.buf, '{')
	v.each(func(key, val value) {
		before := len(f.buf)
		f.comma()
		f.buf = append(append(f.buf, key...), ':')
		if name := key.textOr(); isSecret(name) || !judge(f, name, val) {
			f.buf = f.buf[:before]
			f.removed = true
		}
	})
	f.buf = append(f.buf, '}')
}

// raw writes a value as it stands.
func (f *statusFilter) raw(v value) bool {
	f.buf = append(f.buf, v...)
	return true
}

// only writes a value when ok.
func (f *statusFilter) only(v value, ok bool) bool {
	return ok && f.raw(v)
}

// fitted writes what is left of a value.
func (f *statusFilter) fitted(v, left value) bool {
	f.removed = f.removed || string(left) != string(v)
	return f.raw(left)
}

func (f *statusFilter) envelopeMember(name string, v value) bool {
	switch name {
	case "id", "timestamp":
		return f.fitted(v, v.word())
	case "event":
		return f.fitted(v, v.fit(6*maxEvent, nil))
	case "session":
		return f.fitted(v, v.fit(maxSession, nil))
	case "metadata", "me", "engine", "environment":
		return f.free(v, 0)
	case "payload":
		if v.isObject() {
			f.object(v, (*statusFilter).payloadMember)
			return true
		}
		return f.only(v, v.isNull())
	}
	return false
}

func (f *statusFilter) payloadMember(name string, v value) bool {
	switch name {
	case "name":
		return f.only(v, v.isNull() || string(v) == string(f.session))
	case "status":
		return f.only(v, isStatus(v))
	case "statuses":
		return f.statuses(v)
	case "data":
		if v.isObject() {
			f.object(v, (*statusFilter).dataMember)
			return true
		}
		return f.only(v, v.isNull())
	}
	return false
}

func (f *statusFilter) statuses(v value) bool {
	if len(v) == 0 || v[0] != '[' {
		return f.only(v, v.isNull())
	}
	f.buf = append(f.buf, '[')
	v.eachItem(func(item value) {
		if !item.isObject() {
			f.removed = true
			return
		}
		f.comma()
		f.object(item, func(f *statusFilter, name string, v value) bool {
			switch name {
			case "status":
				return f.only(v, isStatus(v))
			case "timestamp":
				return f.only(v, v.isNumber() && len(v) <= maxNumber)
			}
			return false
		})
	})
	f.buf = append(f.buf, ']')
	return true
}

func (f *statusFilter) dataMember(name string, v value) bool {
	switch name {
	case "reachoutTimelock", "messageCapping":
		return v.isObject() && f.free(v, 0) || v.isNull() && f.raw(v)
	}
	return false
}

// free writes a value whose members are not known one by one: all but what is
// named like a secret.
func (f *statusFilter) free(v value, depth int) bool {
	if depth > 4 {
		return false
	}
	switch {
	case v.isObject():
		f.object(v, func(f *statusFilter, name string, v value) bool { return f.free(v, depth+1) })
		return true
	case len(v) > 0 && v[0] == '[':
		// No list of free form is known; one could hold anything.
		return f.only(v, len(v) == 2)
	}
	return f.only(v, string(v.bounded()) == string(v))
}

// isStatus says that v reads like a status: SCAN_QR_CODE. A pairing code has
// digits or a dash.
func isStatus(v value) bool {
	if !v.isString() || len(v.inner()) > maxEvent {
		return v.isNull()
	}
	for _, c := range v.inner() {
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// isSecret says that a member's name speaks of pairing.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"code", "qr", "pair", "passkey", "secret", "token", "challenge", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
