// Package wahasim is a simulated WAHA: it says, byte for byte, what a real WAHA
// server sends when somebody works with labels on a WhatsApp Business phone, and
// sends it the way the real one does, its bad habits included. The demonstration
// and the tests stand on it.
//
//	Server ── Phone ──▶ Event ──▶ Faults ──▶ Sender ──▶ POST
//	   └── Truth: what the phones really show
//
// A [Server] holds [Phone]s, one per WAHA session. Each method of a Phone is
// something that happens on it at a given time (a label put on a chat, a label
// renamed, a message, a lost connection) and returns the [Event] WAHA would
// emit. [Faults] repeats, displaces and loses events; a [Sender] posts them,
// signed, with WAHA's retry policies. Whatever happens on the way, Server.Truth
// is what a correct receiver must end up with.
//
// The bodies are written by hand and not by encoding/json, because their exact
// bytes matter: key order differs per engine, keys are absent in some versions,
// and nothing is escaped that JSON.stringify would not escape. Golden tests hold
// them against bodies captured from WAHA (testdata/waha-samples).
//
// A [Node] is that WAHA running: it answers REST (and /ws) from the same state as
// Truth, sends the events of its phones to the webhooks that the sessions'
// configurations name, and restarts. What users of WAHA reported to go wrong is
// switched on by name, see [Fault].
//
// Everything is deterministic: times are given by the caller, and ids, jitter
// and faults come from seeds, so that what is sent and answered is always the same;
// only the order in which webhooks under way arrive is up to the machine.
package wahasim
