// Package arch holds the rules of the house, as tests: who may import whom,
// where a database, a template or a clock may be touched, and which libraries
// are used. There is nothing in it to import.
//
// The rules are in rules_test.go. A new package or library fails the test until
// it has a line there, which is the moment to think about where it belongs.
//
// The test parses the files itself: what a `go list` in a child process read
// would escape the test cache, and a stale "ok" with it.
package arch
