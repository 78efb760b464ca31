// Package rest is a client of WAHA's REST interface: what Tandai asks WAHA for
// (sessions, labels, who carries them, hidden ids, contacts), and the little it
// tells it (a session's configuration, restarts, messages).
//
//	c, err := rest.New(rest.Config{URL: "http://waha:3000", Key: key})
//	labels, asked, err := c.Labels(ctx, "hansarang_cs1")
//
// Session names are WAHA's own. Every call takes a context, waits for one of the
// few places its session has, and is given up after Config.Timeout. Nothing is
// tried twice: who asks knows when it is worth another try. Redirects are not
// followed (the key would go along), an answer is read up to 32 MiB, and neither
// the key nor a whole phone number is in an error.
//
// A session-scoped key with nothing but `read` is enough for all that reads;
// [ErrForbidden] names the right that was missing.
//
// Source of paths and shapes: WAHA 2026.2 to 2026.9, src/api/*.controller.ts,
// src/structures/*.dto.ts, src/core/auth/casl.rules.ts, and its answers as seen
// on a real server.
package rest
