// Package radar finds numbers that went deaf: WhatsApp sessions that WAHA calls
// WORKING while no event of theirs arrives any more. It also watches whether
// sessions are WORKING and whether WAHA itself is there, and keeps all three as
// durable alarms.
//
// The model (model.go, learn.go, walk.go) is pure: it sees counts, a zone and a
// calendar, and says how improbable a silence is. What it can know is bounded by
// what it is fed: from labels alone, a number that goes deaf in the night and an
// agent who stays at home without notice look alike.
package radar
