package intake

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"tandai/internal/waha"
)

// maxHeaders bounds the headers that are kept of one request, names and values,
// bytes. Of one that has more only WAHA's own are kept, if they are short.
const (
	maxHeaders  = 4 << 10
	maxStandard = 512
)

// standardHeaders are those that WAHA sends of itself.
var standardHeaders = map[string]bool{
	"Accept": true, "Content-Type": true, "User-Agent": true, waha.HeaderRequestID: true, waha.HeaderTimestamp: true,
}

// ownHeaders belong to the connection, to what stands between, or to Tandai's
// door alone: who is told to come in by them is nobody else's business.
var ownHeaders = map[string]bool{
	"Host": true, "Content-Length": true, "Content-Encoding": true, "Accept-Encoding": true, "Date": true,
	"Connection": true, "Keep-Alive": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true, "Expect": true,
	"Authorization": true, "Cookie": true, "Cookie2": true,
	"Forwarded": true, "Via": true, "X-Real-Ip": true, "X-Client-Ip": true, "True-Client-Ip": true, "X-Cluster-Client-Ip": true, "Cdn-Loop": true,
	"X-Request-Start": true, "X-Original-Url": true, "X-Original-Uri": true, "X-Scheme": true,
}

// ownPrefixes begin names like those of ownHeaders. The signature is of WAHA's
// key; a destination gets one of its own.
var ownPrefixes = []string{waha.HeaderHmac, "Proxy-", "X-Forwarded-", "X-Amzn-", "X-Envoy-", "Cf-", "X-Tandai-"}

// headersOf is what is kept of a request's headers to be sent on with its body, as
// a JSON object of texts; "" where that is nothing.
func headersOf(h http.Header) string {
	var named map[string]bool // that are the connection's because it says so
	for _, value := range h["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			if named == nil {
				named = map[string]bool{}
			}
			named[http.CanonicalHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	kept := make(map[string]string, len(h))
	bytes := 0
	for name, values := range h {
		if len(values) == 0 || ownHeaders[name] || named[name] || hasOwnPrefix(name) || len(name) > 255 {
			continue
		}
		value := strings.Join(values, ", ")
		if !utf8.ValidString(value) { // it cannot be kept as it came
			continue
		}
		kept[name] = value
		bytes += len(name) + len(value)
	}
	if bytes > maxHeaders {
		for name, value := range kept {
			if !standardHeaders[name] || len(value) > maxStandard {
				delete(kept, name)
			}
		}
	}
	if len(kept) == 0 {
		return ""
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return "" // texts can be written
	}
	return string(text)
}

func hasOwnPrefix(name string) bool {
	for _, p := range ownPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
