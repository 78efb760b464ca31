// Package reconcile compares what the log says of a session's labels with what
// WAHA shows, and records what no webhook told.
//
//	lists ──▶ Compare ──▶ differences ──▶ noted ──(again, confirm_after later)──▶ events, source=snapshot
//
// WAHA's lists lie now and then: they are empty, incomplete, stale, or break off.
// So nothing is believed that was seen once. A difference is noted in the
// database, and becomes an event when a second read, at least confirm_after
// later, shows it again and nothing was recorded about that label on that lead
// in between. That a label is gone is believed on a list's evidence only where
// the engine's lists are whole; else WAHA must also say so when asked about the
// chat. A read that is not complete notes nothing and confirms nothing.
//
// Before anything is compared, all that the inbox held when WAHA had answered is
// recorded. No lock is held between two reads, and none is needed: notes and
// events have ids that are functions of what was seen, so that several servers
// and commands may read at once, and any of them may die at any time.
package reconcile
