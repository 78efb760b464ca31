package app

import (
	"context"
	"io"
	"log/slog"
	"regexp"

	"tandai/internal/config"
)

// NewLog logs to w as configured. Runs of digits as long as a phone number lose
// their middle, whichever attribute or error they hide in.
func NewLog(w io.Writer, cfg config.Log) *slog.Logger {
	opt := &slog.HandlerOptions{Level: cfg.SlogLevel(), ReplaceAttr: maskAttr}
	if cfg.Format == "json" {
		return slog.New(maskMessage{slog.NewJSONHandler(w, opt)})
	}
	return slog.New(maskMessage{slog.NewTextHandler(w, opt)})
}

// maskMessage masks the message, which ReplaceAttr is shown too late for.
type maskMessage struct{ slog.Handler }

func (m maskMessage) Handle(ctx context.Context, r slog.Record) error {
	r.Message = Mask(r.Message)
	return m.Handler.Handle(ctx, r)
}

func (m maskMessage) WithAttrs(a []slog.Attr) slog.Handler {
	return maskMessage{m.Handler.WithAttrs(a)}
}
func (m maskMessage) WithGroup(name string) slog.Handler {
	return maskMessage{m.Handler.WithGroup(name)}
}

// phoneLike is a run of digits that is long enough for a phone or a hidden id and
// stands alone: not part of a hash.
var phoneLike = regexp.MustCompile(`\b\d{9,20}\b`)

// moment is a Unix time in ms of our days. No phone looks like one: those that
// begin with a 1 have eleven digits.
var moment = regexp.MustCompile(`^1[4-9]\d{11}$`)

// Mask takes the middle out of everything in text that could be a phone number.
func Mask(text string) string {
	return phoneLike.ReplaceAllStringFunc(text, func(digits string) string {
		if moment.MatchString(digits) {
			return digits
		}
		return digits[:4] + "•••" + digits[len(digits)-2:]
	})
}

func maskAttr(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(Mask(v.String()))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			a.Value = slog.StringValue(Mask(err.Error()))
		}
	}
	return a
}
