package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static/tandai.css static/tandai.js static/mark.svg static/inter.woff2
var staticFiles embed.FS

// asset is one file the page asks for.
type asset struct {
	body        []byte
	version     string // of its content, 16 hex digits
	contentType string
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
}

// assets are the files under static/, by name.
type assets map[string]asset

func loadAssets() assets {
	all := assets{}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		panic(err) // embedded: cannot be missing at run time
	}
	add := func(name string, body []byte) {
		sum := sha256.Sum256(body)
		all[name] = asset{body: body, version: hex.EncodeToString(sum[:8]), contentType: contentTypes[path.Ext(name)]}
	}
	for _, e := range entries {
		body, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			panic(err)
		}
		add(e.Name(), body)
	}
	// The style sheet names the font by its version too, and so has another
	// version itself when the font changes.
	const font = "inter.woff2"
	add("tandai.css", bytes.ReplaceAll(all["tandai.css"].body, []byte(font), []byte(font+"?v="+all[font].version)))
	return all
}

// url is where a browser finds the asset as it is now.
func (a assets) url(name string) string { return "/static/" + name + "?v=" + a[name].version }

// build tells one set of assets from another.
func (a assets) build() string { return a["tandai.css"].version[:8] + a["tandai.js"].version[:8] }

// ServeHTTP serves /static/NAME. Asked for by its version it never changes;
// otherwise the browser asks again and is told whether it did.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/static/")
	file, ok := a[name]
	if !ok {
		t, _ := chooseLanguage(r)
		plain(w, http.StatusNotFound, t.NotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.contentType)
	h.Set("ETag", `"`+file.version+`"`)
	if r.URL.Query().Get("v") == file.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(file.body))
}
