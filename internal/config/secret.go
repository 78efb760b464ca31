package config

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
)

// redacted stands where a secret would.
const redacted = "[redacted]"

// Secret is a password, key or token. Everything that prints, logs or encodes
// it shows "[redacted]", or nothing where it is not set; Reveal alone gives it
// away. The zero value is not set.
type Secret struct {
	// A pointer, so that fmt, which calls no methods on unexported fields of
	// other structs, shows an address there.
	value *string
}

// NewSecret returns s as a secret; "" gives one that is not set.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{value: &s}
}

// Reveal returns the secret itself, "" where it is not set.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet reports whether there is a secret.
func (s Secret) IsSet() bool { return s.value != nil }

// Equal compares in time that does not depend on where they differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]", or "" where the secret is not set.
func (s Secret) String() string {
	if s.value == nil {
		return ""
	}
	return redacted
}

// Format prints String for every verb, %x and %#v included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns String: JSON and YAML go by it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalText sets the secret. Its errors do not repeat it.
func (s *Secret) UnmarshalText(text []byte) error {
	if strings.ContainsFunc(string(text), unicode.IsControl) {
		return errors.New("a line break or another control character is in it; want one line of text")
	}
	*s = NewSecret(string(text))
	return nil
}

// Secrets are several secrets, any of which will do.
type Secrets []Secret

// Reveal returns the secrets themselves.
func (s Secrets) Reveal() []string {
	out := make([]string, len(s))
	for i := range s {
		out[i] = s[i].Reveal()
	}
	return out
}
