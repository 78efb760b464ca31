// Package directory looks up in WAHA what no event tells: the phone behind a
// hidden id, and the names of labels. Answers are recorded like anything else
// that was seen, and fill in rows that are there already: a look-up never holds
// an event back.
//
//	Record ──▶ lid_lookups (durable) ──claim──▶ GET /lids, /lids/{lid} ──▶ Record
//	start, WORKING, an unknown label, every day ──▶ GET /labels ──▶ Record
//
// Who is to be asked about is a table of the store, so that nothing is forgotten
// by a restart, and several servers share it by claims that end when their owner
// dies. An id that WAHA does not know is asked about again, with growing pauses,
// for 30 days.
//
// A WAHA that is away, refuses the key, or whose session does not work is asked
// again later, with growing pauses of its own, for each session apart; it is
// logged when that begins and when it is over, and shown in State meanwhile.
package directory
