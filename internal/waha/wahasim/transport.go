package wahasim

import (
	"crypto/tls"
	"errors"
	"net/http"
	"time"
)

// maxRedirects is what follow-redirects allows, and axios with it.
const maxRedirects = 21

// newClient follows redirects as axios does: 301, 302 and 303 make a GET without
// body of a POST (net/http does the same), 307 and 308 keep it. There is no
// timeout, and certificates are not checked: WAHA does neither.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},                  // as WAHA: rejectUnauthorized: false
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 only
			DisableCompression:  true,
			MaxIdleConnsPerHost: 256,             // agentkeepalive: maxFreeSockets
			IdleConnTimeout:     4 * time.Second, // agentkeepalive: freeSocketTimeout
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("maximum number of redirects exceeded")
		}
		req.Header.Del("Referer") // net/http adds it, follow-redirects does not
		if req.Method == http.MethodGet {
			req.Header.Del("Content-Type")
		}
		return nil
	}}
}
