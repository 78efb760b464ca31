package demo

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tandai/internal/waha/wahasim"
)

// never is later than every time.
const never = math.MaxInt64

// identity is a person outside of any phone.
type identity struct {
	phone, lid, name string
}

// ranges are where the leads' made-up numbers lie: prefix + 9990 and up + 4 digits.
var ranges = [...]string{"62812", "62813", "62821", "62822", "62852", "62857", "62878", "62895"}

// identityOf makes the n-th person. Numbers and hidden ids never repeat, and look
// as mixed as real ones.
func identityOf(n int) identity {
	block, rest := n/len(ranges), n%len(ranges)
	return identity{
		phone: fmt.Sprintf("%s%04d%04d", ranges[rest], 9990-block/10_000, (block%10_000*7919+rest*1237+1234)%10_000),
		lid:   fmt.Sprintf("2%014d", uint64(n+1)*47_055_833_459%100_000_000_000_000),
		name:  givenNames[n*7%len(givenNames)],
	}
}

// prospect is a lead on one phone.
type prospect struct {
	identity
	index   int
	desk    *desk
	quality float64

	hidden     bool  // appears by hidden id at first
	switchesAt int64 // from when the chat is addressed the other way; never
	revealsAt  int64 // from when messages carry both ids; never

	// Of the last change of a label: when it was meant to happen, when it did in
	// the story, and the time its event was given. See world.next.
	lastDue, lastAt, lastStamp int64
}

// lead is how the phone addresses the prospect at a planned time.
func (p *prospect) lead(due int64) wahasim.Lead {
	hidden := p.hidden != (due >= p.switchesAt)
	return wahasim.Lead{Phone: p.phone, LID: p.lid, Name: p.name, Hidden: hidden}
}

// addressing draws how the phone will know the person: by hidden id or by number,
// one after the other, and when a message ties the two together.
func (p *prospect) addressing(at int64, r *rand.Rand) {
	p.switchesAt, p.revealsAt = never, never
	p.hidden = r.Float64() < p.desk.seat.hidden
	later := p.desk.inShift(at+int64((0.5+4*r.Float64())*float64(day)), r)
	if p.desk.seat.engine == wahasim.WPP {
		return // its messages carry one id only, and the chat keeps it
	}
	switch x := r.Float64(); {
	case !p.hidden:
		if x < 0.08 {
			p.switchesAt, p.revealsAt = later, later
		}
	case x < 0.45: // the first message says it
		p.revealsAt = at
	case x < 0.70: // a later one does
		p.revealsAt = later
	case x < 0.85: // the chat moves to the number
		p.switchesAt, p.revealsAt = later, later
	}
}
