package waha

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"
)

// remains is what is kept of a body whose event cannot be read.
type remains struct {
	// Head is the beginning of the body as it stood: the run of id, timestamp,
	// event and session with which WAHA's envelopes begin, at most 512 bytes,
	// whole members only, as long as they are numbers and words. Empty when there is no "payload" in the body: then it
	// is no envelope, and nothing says where a text may begin.
	Head   string `json:"head"`
	Bytes  int    `json:"bytes"`  // length of the body that came
	SHA256 string `json:"sha256"` // its hash, 64 hex digits, to recognise it by
}

const maxHead = 512

// unreadable reduces a body whose event cannot be read. What has been reduced so
// before is left as it is.
func unreadable(body []byte, problem string) Kept {
	if r, ok := readRemains(body); ok {
		return Kept{Head: r.head(), Body: body, Problem: remainsProblem}
	}
	sum := sha256.Sum256(body)
	r := remains{Head: string(leading(body)), Bytes: len(body), SHA256: hex.EncodeToString(sum[:])}
	return Kept{Head: r.head(), Body: r.json(), Problem: problem}
}

const remainsProblem = "the body could not be read when it came, and only its head, length and hash were kept"

func (r remains) json() []byte {
	b, _ := json.Marshal(r) // two strings and a number: cannot fail
	return b
}

// head reads what the head says, for people to look at. There is no ID in it:
// two bodies that cannot be read are never taken for one.
func (r remains) head() Head {
	env, problem := readEnvelope([]byte(r.Head + `"payload":null}`))
	if problem != "" {
		return Head{}
	}
	h, _ := env.head()
	h.ID = ""
	return h
}

// readRemains recognises what unreadable wrote, and only that: a head that it
// would not have kept is no head.
func readRemains(body []byte) (r remains, ok bool) {
	if len(body) > 6*maxHead+256 || json.Unmarshal(body, &r) != nil {
		return r, false
	}
	if len(r.SHA256) != hex.EncodedLen(sha256.Size) || r.Bytes < 0 {
		return r, false
	}
	for i := range r.SHA256 {
		if !isHex(r.SHA256[i]) {
			return r, false
		}
	}
	if r.Head != "" && string(leading([]byte(r.Head+`"payload"`))) != r.Head {
		return r, false
	}
	return r, bytes.Equal(r.json(), body)
}

// leading returns the run of head members a body begins with, up to the key that
// ends it.
func leading(body []byte) []byte {
	if !bytes.Contains(body, []byte(`"payload"`)) {
		return nil
	}
	s := scanner{b: body[:min(len(body), maxHead+maxText)]}
	i := s.space(0)
	if i >= len(s.b) || s.b[i] != '{' {
		return nil
	}
	end := 0
	for i = s.space(i + 1); i < len(s.b) && s.b[i] == '"'; end = i {
		key := i
		if i = s.str(i); i < 0 || !isHeadKey(s.b[key:i]) {
			break
		}
		if i = s.space(i); i >= len(s.b) || s.b[i] != ':' {
			break
		}
		val := s.space(i + 1)
		if i = s.value(val, 0); i < 0 || !isHeadValue(s.b[val:i]) {
			break
		}
		if i = s.space(i); i >= len(s.b) || s.b[i] != ',' {
			break
		}
		i = s.space(i + 1)
		if i > maxHead {
			break
		}
	}
	if head := body[:end]; utf8.Valid(head) {
		return head
	}
	return nil
}

func isHeadKey(key []byte) bool {
	switch string(key) {
	case `"id"`, `"timestamp"`, `"event"`, `"session"`:
		return true
	}
	return false
}

func isHeadValue(v value) bool {
	return v[0] != '{' && v[0] != '[' && string(v.word()) == string(v)
}
