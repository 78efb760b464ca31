// Package feed reads WAHA's events from its websocket into the inbox, for where
// WAHA cannot reach the webhook door:
//
//	GET /ws?x-api-key=…&session=*&events=label.upsert&events=…
//
// The frames are the envelopes that webhooks carry, with the same ids. They are
// reduced by the same function and kept under the same keys as at the door, so
// what comes both ways is stored once and known the second time.
//
// The websocket acknowledges nothing and repeats nothing: whatever WAHA sends
// while nobody listens is gone. So after every gap (the start, a connection that
// ended, a frame that could not be kept) Config.Gap is called, once the feed is
// listening again: what the reconciliation then reads is newer than the gap.
// While the inbox takes nothing, frames wait in memory up to a bound; beyond it
// nothing is read any more, and WAHA notices.
//
// WAHA takes the key in the address alone. It never leaves this package: not in
// an error, not in the log, not in a state. Source: WAHA, docs/how-to/events,
// Websockets; src/api/websocket.gateway.core.ts.
package feed
