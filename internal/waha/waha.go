// Package waha is WAHA's webhook contract: how a delivery is signed, what its
// envelope says, how much of it may be written to disk, and what a kept body
// means.
//
// A delivery passes through it in three steps, each a pure function of bytes:
//
//	Keys.Verify  is it from somebody who knows the key?          (intake)
//	Keep         what of it may be kept, and under which head?   (intake)
//	Decode       what does the kept body say?                    (pipeline)
//
// Keep and Decode read with the same small reader (scan.go): keys match byte
// for byte and a key that stands twice is refused. encoding/json folds letter
// case and lets the last duplicate win, so with it a body could be one event to
// the reduction and another to the pipeline.
//
// Nothing here sees a clock, a file or a socket, and no reason it gives repeats
// a phone number, a name or a text from the body: reasons go to logs and pages.
//
// Source of the formats: WAHA 2026.2 to 2026.9 (src/modules/waha-webhook,
// src/core/abc/manager.abc.ts, src/core/engines/*), the sample bodies under
// testdata/samples, and whatsmeow's and Baileys' message sources.
package waha

// Problem says why a body, or a part of it, cannot be understood. Error() is one
// sentence, fit for a person who has to mend the sender:
// "payload.labelId is a number, want a string".
type Problem struct {
	Field  string // path in the envelope, e.g. "payload.chatId"; empty when it is the whole body
	Reason string // what is wrong and what was wanted, continuing the field's name
}

func (p *Problem) Error() string {
	if p.Field == "" {
		return p.Reason
	}
	return p.Field + " " + p.Reason
}
