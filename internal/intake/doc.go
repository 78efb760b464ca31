// Package intake is the door for WAHA's webhooks. It checks the signature, reads
// the envelope's head, reduces the body to what may be kept, has that made
// durable, and only then answers 200:
//
//	POST /webhooks/waha             the first WAHA server
//	POST /webhooks/waha/{server}    any server, by its configured name
//
// What it answers, each with one line of JSON, see [Answer]:
//
//	200  stored, known already, or not understood and put in quarantine; or a
//	     probe of our own, see [ProbeEvent]
//	401  signature missing or wrong, or of an unknown version, where a key is set
//	404  no such server, no such path
//	405  any other method
//	408  the sender took too long
//	413  the body is too large
//	503  with Retry-After: too many at once, or it cannot be made durable
//
// WAHA tries again after anything but 2xx, 15 times over half a minute unless
// told otherwise, and waits as long as Retry-After says. It turns a redirected
// POST into an empty GET and calls that a success, so nothing under /webhooks/
// is ever redirected: see [Door.Wrap]. Source: WAHA, WebhookPlugin.sender.ts.
//
// The door does not judge what a readable envelope says (timestamp, session,
// chat): that is the pipeline's, which can be run again after a fix.
package intake

// ProbeEvent is the event of a body that `tandai doctor` and `tandai waha connect`
// send to find out whether a door is ours and believes their key. The door judges
// it like any other, answers 200 "probed" where all is well, and stores nothing.
const ProbeEvent = "tandai.probe"
