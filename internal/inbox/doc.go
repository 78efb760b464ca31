// Package inbox is the durable queue between the webhook door and the
// pipeline: one SQLite file on local disk, so that a database that is down
// never costs a label.
//
// # Durability
//
// Put returns without an error only after the fsync of the transaction that
// holds the body. Where a commit returns an error the body is not
// acknowledged, even though it may have persisted: the sender's retry is then
// recognised by its key and answered as known. A body that is visible is
// durable: after a crash, and after any error of the file, the write-ahead log
// is checkpointed (which syncs it) before anything is accepted again.
//
// # Group commit
//
// One goroutine owns the only writing connection. It takes everything that
// waits, commits once and answers all of it: a lone request waits for nobody,
// and many share one fsync (see crowd). What the pipeline settles rides in the
// same transactions.
//
// # The file
//
//	bodies   what was received, never changed, removed by Prune
//	settled  one row per body that has been dealt with; a body without one waits
//	counts   how many bodies are in each settled state, by reason; outlives Prune
//	minutes  per minute of the clock: how many were received and which seqs
//	marks    numbers of ours, by name: low_water, last_recorded, unsure_since
//
// Sequence numbers are dense: they are handed out inside the writing
// transaction and the row with the highest is never removed, so the highest
// seq is the number of bodies ever received, and the number waiting is that
// less what counts holds.
//
// Several processes may hold the file open (replay runs beside serve). Each
// consumer keeps its claims in memory: two may be handed the same body, which
// the store's unique event ids make harmless.
//
// Nothing in this process may open the file by other means than SQLite: closing
// any descriptor of it would drop the locks SQLite holds (POSIX record locks
// belong to the process).
package inbox
