package waha

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strings"
	"sync"
)

// The headers of a signed delivery, in the form net/http keeps them.
// Source: WAHA, src/modules/waha-webhook/WebhookPlugin.sender.ts.
const (
	HeaderHmac          = "X-Webhook-Hmac"
	HeaderHmacAlgorithm = "X-Webhook-Hmac-Algorithm"
	HeaderHmacVersion   = "X-Webhook-Hmac-Version"
	HeaderRequestID     = "X-Webhook-Request-Id"
	HeaderTimestamp     = "X-Webhook-Timestamp"
)

// Keys are the HMAC keys a delivery may be signed with. Several are valid at
// once while a key is being rotated. None means that deliveries are not signed
// and nothing is checked. An empty key among them matches nothing.
type Keys [][]byte

// SignatureError says why a delivery is not believed. Its text names no key and
// no signature, so it may be answered to the sender.
type SignatureError struct{ Reason string }

func (e *SignatureError) Error() string { return e.Reason }

// Verify checks one delivery. See Verifier.Verify.
func (k Keys) Verify(body []byte, h http.Header) error { return k.Verifier().Verify(body, h) }

// Verifier checks signatures against Keys, many at once and many a second: what
// HMAC works out from a key alone is worked out once.
type Verifier struct{ macs []*sync.Pool } // of hash.Hash, one for each key

// Verifier makes one. The keys are not looked at again.
func (k Keys) Verifier() *Verifier {
	v := &Verifier{macs: make([]*sync.Pool, len(k))}
	for i, key := range k {
		if len(key) > 0 {
			v.macs[i] = &sync.Pool{New: func() any { return hmac.New(sha512.New, key) }}
		}
	}
	return v
}

// Verify returns nil when the body was signed with one of the keys, or when
// there are no keys, and a *SignatureError otherwise. Every key is tried and
// each comparison takes constant time, so the time taken tells nothing about
// which key came close.
//
// WAHA signs the raw body and sends no X-Webhook-Hmac-Version. A fork sends
// version 2 and signs "timestamp.body". Nobody defines a version 1, so any
// version at all is refused by name rather than tried as if it were ours: the
// operator then reads what to change instead of "does not match".
//
// The signature does not cover the X-Webhook-* headers, so nothing else of them
// is believed; replays are harmless because a delivery is known by its id.
func (v *Verifier) Verify(body []byte, h http.Header) error {
	if versions, ok := h[HeaderHmacVersion]; ok {
		version := strings.Join(versions, ", ")
		return &SignatureError{fmt.Sprintf("%s %q is not known", HeaderHmacVersion, short(version))}
	}
	if len(v.macs) == 0 {
		return nil
	}
	if a := strings.Join(h[HeaderHmacAlgorithm], ", "); a != "" && !strings.EqualFold(a, "sha512") {
		return &SignatureError{fmt.Sprintf("%s %q is not known, want \"sha512\"", HeaderHmacAlgorithm, short(a))}
	}
	given := h[HeaderHmac]
	switch {
	case len(given) == 0 || len(given) == 1 && given[0] == "":
		return &SignatureError{"signature missing: the header " + HeaderHmac + " is needed"}
	case len(given) > 1:
		return &SignatureError{"signature is given more than once"}
	}
	var want [sha512.Size]byte
	if len(given[0]) != hex.EncodedLen(len(want)) {
		return &SignatureError{"signature is not 128 hex digits"}
	}
	if _, err := hex.Decode(want[:], []byte(given[0])); err != nil {
		return &SignatureError{"signature is not 128 hex digits"}
	}
	valid := false
	var sum [sha512.Size]byte
	for _, macs := range v.macs {
		if macs == nil {
			continue
		}
		mac := macs.Get().(hash.Hash)
		mac.Reset()
		mac.Write(body)
		valid = hmac.Equal(mac.Sum(sum[:0]), want[:]) || valid
		macs.Put(mac)
	}
	if !valid {
		return &SignatureError{"signature does not match"}
	}
	return nil
}

// Sign returns what WAHA puts in X-Webhook-Hmac: the HMAC-SHA512 of the body
// under the key, as 128 lower-case hex digits.
func Sign(key, body []byte) string {
	mac := hmac.New(sha512.New, key)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// short bounds a header's value before it is quoted back.
func short(s string) string {
	if len(s) > 32 {
		return s[:32] + "…"
	}
	return s
}
