// Package demo is a believable agency: three clients, eight CS numbers, and the
// leads that write to them, whose labels move the way they do in real life. It
// feeds `tandai demo` and whatever else needs data that looks true.
//
// An [Agency] plays two acts on a simulated WAHA. History is the past: every
// event of the last months in the order of time, the same bytes for the same
// seed and end. Live goes on from there in the present, with the faults of a
// real server. Truth says at any moment what the phones show.
//
// Inside, a world keeps a queue of actions to come, ordered by time. A day's
// leads are drawn when the day begins (season.go), each lead's whole story is
// planned when it first writes (journey.go), and the rest of a CS's week runs
// beside it (routine.go). What the clients are like is data (clients.go).
//
// All telephone numbers are made up, in ranges of the form 628xx-9990-xxxx.
package demo
