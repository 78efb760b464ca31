// Package chaos holds no code, only tests: of the real program, as one binary,
// among everything that goes wrong around it. Processes are killed, databases go
// away and forget, disks fill up, senders hang.
//
// Every test is the same story. A simulated WAHA ([tandai/internal/waha/wahasim])
// tells what happens on a few phones; a courier delivers it, signed, again and
// again until it is acknowledged, and remembers exactly which deliveries were;
// something breaks meanwhile; and at the end the accounts are settled:
//
//   - what was acknowledged is in the inbox, and nothing is that was not sent;
//   - every body came out as what it is: recorded, skipped for its reason, or in
//     quarantine; none waits;
//   - each label event of the inbox is one row of the log, and no other row is;
//   - every table that follows from the log is what a plain model in Go makes of
//     the bodies in the inbox (storetest.Want), and `tandai verify` agrees.
//
// What a body must become is said by the test where it makes the body, not by
// Tandai's own decoder.
//
// Moments are drawn from a seed that a failing test names; TANDAI_TEST_SEED runs
// it again. The story is the same then, its timing is not quite.
package chaos
