// Package delivery sends what is in the outbox: the relay of WAHA's own
// deliveries to destinations behind Tandai, and effects that Tandai causes.
//
// What is to be sent is in the database, written in the transaction of the
// recording that causes it. Servers claim some of it by lease, send, and write
// what became of it. Delivery is at least once: a server that dies between an
// answer and its record sends again, with the same request id. What fails is
// tried again on a schedule (Schedule), each attempt is kept, and after the last
// it is a dead letter.
//
// A destination has a lane of its own: claims, connections, requests at once and
// a breaker. One that is slow, hung or gone holds up no other. One goroutine, the
// desk, owns all lanes and talks with the database, in turns: results and new
// claims of all lanes in one transaction.
package delivery
