package demo

import (
	"math"
	"math/rand/v2"

	"tandai/internal/waha/wahasim"
)

// arrive lets a new lead write to a desk, and plans all that follows.
func (w *world) arrive(d *desk, at int64) {
	n := len(w.people)
	r := newRand(w.cfg.Seed, streamLead+uint64(n))
	who := identityOf(n)
	if n > 50 && r.Float64() < 0.03 { // somebody who has asked another CS before
		if back := w.people[r.IntN(n)]; !w.met[d.seat.session+" "+back.phone] {
			who = back
		}
	}
	w.people = append(w.people, who)
	w.met[d.seat.session+" "+who.phone] = true
	p := &prospect{identity: who, index: n, desk: d}
	p.addressing(at, r)

	from := d.brand.drawAd(float64(at-w.start)/float64(w.length), r)
	p.quality = d.brand.quality + d.seat.quality + r.NormFloat64()
	if from != nil {
		p.quality += from.quality
	}
	s := &story{world: w, p: p, r: r}
	s.contact(at, from)
	if r.Float64() < 0.93 { // some are never graded
		s.grow(at)
	}
	if p.revealsAt != never && p.revealsAt > at {
		s.message(p.revealsAt, false, nil) // the message that ties the two ids
	}
}

// drawAd is the advertisement a lead came from at a share of the history; nil for none.
func (b *brand) drawAd(when float64, r *rand.Rand) *ad {
	if r.Float64() < b.organic {
		return nil
	}
	weights := make([]float64, len(b.ads))
	for i, a := range b.ads {
		if when >= a.from && when < a.to {
			weights[i] = a.weight
		}
	}
	return &b.ads[pick(r, weights)]
}

// story plans what happens between one lead and its CS.
type story struct {
	world *world
	p     *prospect
	r     *rand.Rand
	on    [slotCount]bool // what the CS believes to be on the chat
}

// contact is the first message, mostly an answer, and a few words more.
func (s *story) contact(at int64, from *ad) {
	var ref *wahasim.Referral
	if from != nil {
		ref = &wahasim.Referral{AdID: from.id, URL: from.url, Title: from.title, Body: from.body, App: from.app,
			ClickID: "ARA" + randomWord(s.r, 24), DelaySeconds: 3 + s.r.IntN(60), Opaque: s.r.Float64() < 0.1}
	}
	s.message(at, false, ref)
	if s.r.Float64() > 0.85 {
		return
	}
	at = s.working(at, 0.06)
	s.message(at, true, nil)
	for fromMe := false; s.r.Float64() < 0.62; fromMe = !fromMe {
		at += minute/2 + s.r.Int64N(12*minute)
		s.message(at, fromMe, nil)
	}
}

// working is some time after t, median so many days times the CS's speed, within the shift.
func (s *story) working(t int64, days float64) int64 {
	wait := days * s.p.desk.seat.speed * math.Exp(0.9*s.r.NormFloat64())
	return s.p.desk.inShift(t+int64(min(wait, 45)*float64(day)), s.r)
}

// grow is the life of the lead's grade: first given minutes to hours after the
// contact, then moved up and down until it closes, is lost, or nothing more is heard.
func (s *story) grow(contact int64) {
	b := s.p.desk.brand
	t := s.working(contact, 0.12)
	grade := s.firstGrade()
	s.put(t, grade)
	s.extras(t, grade)
	before := grade
	for range 8 {
		last := t
		t = s.working(last+5*minute, b.pace)
		q := s.p.quality
		var then slot
		switch x := s.r.Float64(); {
		case x < 0.24: // nothing more
			return
		case x < 0.28: // taken off, nothing instead
			s.take(t, grade)
			return
		case x < 0.36 && before != grade: // a change of mind
			then = before
		case x < 0.36+b.closing*closeChance(grade, q):
			s.talk(last, t)
			s.close(t, grade)
			return
		case s.r.Float64() < lostChance(grade):
			s.put(t, slotLost)
			if s.r.Float64() < 0.8 {
				s.take(t, grade)
			}
			return
		case s.r.Float64() < 0.55+0.18*q:
			then = max(slotA, grade-1-slot(s.r.IntN(10)/9))
		default:
			then = min(slotE, grade+1+slot(s.r.IntN(10)/8))
		}
		if then == grade {
			continue
		}
		s.talk(last, t)
		s.swap(t, grade, then)
		before, grade = grade, then
		s.extras(t, grade)
	}
}

// firstGrade is what the CS makes of the first impression.
func (s *story) firstGrade() slot {
	switch x := s.p.quality + 0.6*s.r.NormFloat64(); {
	case x > 1.35:
		return slotA
	case x > 0.65:
		return slotB
	case x > -0.35:
		return slotC
	case x > -1.05:
		return slotD
	}
	return slotE
}

func closeChance(grade slot, q float64) float64 {
	return max(0, [...]float64{0.27, 0.08, 0.02, 0, 0}[grade]*(1+0.25*q))
}

func lostChance(grade slot) float64 { return [...]float64{0.04, 0.06, 0.10, 0.18, 0.30}[grade] }

// swap replaces a grade: mostly both marks in one millisecond, sometimes seconds
// apart, sometimes the old one is forgotten for days or for good.
func (s *story) swap(t int64, old, next slot) {
	switch x := s.r.Float64(); {
	case x < 0.60:
		if s.r.IntN(2) == 0 {
			s.take(t, old)
			s.put(t, next)
		} else {
			s.put(t, next)
			s.take(t, old)
		}
	case x < 0.80:
		s.put(t, next)
		s.take(t+2000+s.r.Int64N(20_000), old)
	case x < 0.92:
		s.take(t, old)
		s.put(t+1000+s.r.Int64N(9000), next)
	default:
		s.put(t, next)
		if s.r.Float64() < 0.6 {
			s.take(s.working(t, 3), old)
		}
	}
}

// close is the sale; some think better of it, and some buy more.
func (s *story) close(t int64, grade slot) {
	s.put(t, slotWon)
	if s.r.Float64() < 0.5 {
		s.take(t, grade)
	}
	switch x := s.r.Float64(); {
	case x < 0.04:
		t = s.working(t, 0.5)
		s.take(t, slotWon)
		s.put(t, slotLost)
	case x < 0.18:
		s.put(s.working(t, 4), slotTrade)
	}
}

// extras are the labels beside the grade.
func (s *story) extras(t int64, grade slot) {
	if s.r.Float64() < 0.22 && !s.on[slotFollowUp] {
		at := s.working(t, 0.05)
		s.put(at, slotFollowUp)
		if s.r.Float64() < 0.8 {
			s.take(s.working(at+minute, 2), slotFollowUp)
		}
	}
	if grade == slotA && s.r.Float64() < 0.3 && !s.on[slotPriority] {
		s.put(t+500+s.r.Int64N(5000), slotPriority)
	}
	if s.r.Float64() < 0.05 && !s.on[slotPromo] {
		s.put(s.working(t, 0.5), slotPromo)
	}
	if s.r.Float64() < 0.02 && !s.on[slotTrade] {
		s.put(s.working(t, 1), slotTrade)
	}
}

// talk is what is said between the last change and this one.
func (s *story) talk(last, t int64) {
	if s.r.Float64() < 0.7 {
		s.message(max(last+minute, t-s.r.Int64N(50)*minute-minute), false, nil)
	}
	if s.r.Float64() < 0.45 {
		s.message(t-s.r.Int64N(50_000)-2000, true, nil)
	}
}

func (s *story) put(due int64, l slot)  { s.on[l] = true; s.mark(due, l, true) }
func (s *story) take(due int64, l slot) { s.on[l] = false; s.mark(due, l, false) }

func (s *story) mark(due int64, l slot, on bool) {
	p := s.p
	s.world.at(due, p.desk, p, func(at int64) wahasim.Event {
		switch {
		case !p.desk.exists[l]:
			return wahasim.Event{} // the label is deleted on this phone now
		case on:
			return p.desk.phone.Label(at, p.lead(due), p.desk.ids[l])
		default:
			return p.desk.phone.Unlabel(at, p.lead(due), p.desk.ids[l])
		}
	}).mark = true
}

func (s *story) message(due int64, fromMe bool, ref *wahasim.Referral) {
	text := one(s.r, answers)
	switch {
	case fromMe:
		text = one(s.r, replies)
	case ref != nil:
		text = one(s.r, s.p.desk.brand.ask)
	}
	device := 0
	if s.r.Float64() < 0.1 {
		device = 1 + s.r.IntN(60)
	}
	p := s.p
	s.world.at(due, p.desk, p, func(at int64) wahasim.Event {
		m := wahasim.Message{Lead: p.lead(due), FromMe: fromMe, Text: text, Ad: ref, Reveal: due >= p.revealsAt, Device: device}
		if at < s.world.end {
			m.SentAt = due // WhatsApp's own time, also of what came late
		}
		return p.desk.phone.Message(at, m)
	})
}

func randomWord(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(62)]
	}
	return string(b)
}
