// Package web is what people look at: two pages, rendered here and refreshing
// themselves. The first shows what is going on, /system how well that is known.
// It asks report, turns the answer into ready-made strings in the reader's language and time zone, and
// gives those to a template that neither counts nor formats.
//
// Phones never leave the package whole: every number of nine digits or more is
// masked, in leads and CS numbers as well as in texts that others wrote.
package web

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"tandai/internal/report"
)

// Reports is what the page asks. *report.Reports satisfies it.
type Reports interface {
	Now(ctx context.Context) report.Now
	System(ctx context.Context) report.System
}

// Config is what New needs; only Reports must be set.
type Config struct {
	Reports Reports
	Log     *slog.Logger   // nil = slog.Default
	Zone    *time.Location // of the times on the page; nil = UTC
	Version string         // of the program, shown at the foot
	// Refresh is how often an open page asks again; 0 = 3 s.
	Refresh time.Duration
	// PublicURL is where WAHA reaches this server, "https://tandai.example";
	// "" = where the reader does.
	PublicURL string
	// Signed: an HMAC key is set, so the webhook door takes signed bodies only.
	Signed bool
}

//go:embed templates/*.html
var templateFiles embed.FS

type server struct {
	cfg    Config
	assets assets
	pages  *template.Template
}

// New makes the handler of GET / and GET /system, of GET /now and
// GET /system/now (the parts of the pages that change), and of GET /static/. It answers requests from this machine only, see Local.
func New(cfg Config) http.Handler {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Refresh == 0 {
		cfg.Refresh = 3 * time.Second
	}
	s := &server{cfg: cfg, assets: loadAssets(), pages: template.Must(template.ParseFS(templateFiles, "templates/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.handlePage)
	mux.HandleFunc("GET /now", s.handleNow)
	mux.HandleFunc("GET /system", s.handleSystemPage)
	mux.HandleFunc("GET /system/now", s.handleSystem)
	mux.Handle("GET /static/", s.assets)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		t, _ := chooseLanguage(r)
		plain(w, http.StatusNotFound, t.NotFound)
	})
	return secured(LoopbackOnly(cfg.Log, mux))
}

// rememberLanguage chooses the language of a page, and keeps what was asked for.
func rememberLanguage(w http.ResponseWriter, r *http.Request) *Texts {
	texts, asked := chooseLanguage(r)
	if asked {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: texts.Tag, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	return texts
}

func (s *server) handlePage(w http.ResponseWriter, r *http.Request) {
	texts := rememberLanguage(w, r)
	v := s.page(r, texts, "/")
	v.Now = s.now(r, texts)
	s.render(w, r, "page.html", v.dated(v.Now.Clock))
}

func (s *server) handleNow(w http.ResponseWriter, r *http.Request) {
	texts, _ := chooseLanguage(r)
	s.render(w, r, "now", s.now(r, texts))
}

func (s *server) handleSystemPage(w http.ResponseWriter, r *http.Request) {
	texts := rememberLanguage(w, r)
	v, system := s.page(r, texts, "/system"), s.system(r, texts)
	v.System = &system
	s.render(w, r, "page.html", v.dated(system.Clock))
}

func (s *server) handleSystem(w http.ResponseWriter, r *http.Request) {
	texts, _ := chooseLanguage(r)
	s.render(w, r, "system", s.system(r, texts))
}

// render writes the page only when all of it could be made.
func (s *server) render(w http.ResponseWriter, r *http.Request, name string, view any) {
	var page bytes.Buffer
	if err := s.pages.ExecuteTemplate(&page, name, view); err != nil {
		s.cfg.Log.ErrorContext(r.Context(), "page could not be made", "page", name, "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language, Cookie")
	_, _ = w.Write(page.Bytes()) // the reader may have left
}
