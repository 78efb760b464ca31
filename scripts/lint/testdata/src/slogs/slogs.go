// Package slogs holds log lines, good and bad.
package slogs

import (
	"context"
	"log/slog"
)

const said = "said once"

func log(ctx context.Context, l *slog.Logger, name string) {
	l.Info("event recorded", "event_id", name, slog.Int("count", 1))
	l.InfoContext(ctx, said+" and again", "err", name)
	l.Warn("hello " + name)                                    // want `slog message is not constant`
	slog.Error(name, "err", nil)                               // want `slog message is not constant`
	l.Error("failed", "eventID", name)                         // want `slog key "eventID" is not snake_case`
	l.Error("failed", slog.Int("n", 1), "Count", 2)            // want `slog key "Count" is not snake_case`
	l.Info("not a key", "value", "Anything Goes")              // values are free
	l.With("session name", name).Info("x")                     // want `slog key "session name" is not snake_case`
	l.LogAttrs(ctx, slog.LevelInfo, "x", slog.String("A", "")) // want `slog key "A" is not snake_case`
	l.Info("x", slog.Group("request", "Path", name))           // want `slog key "Path" is not snake_case`
}
