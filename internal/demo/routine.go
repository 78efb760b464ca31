package demo

import (
	"math/rand/v2"
	"strconv"

	"tandai/internal/waha/wahasim"
)

// setUp is the first morning: the phone is connected and its labels are made.
func (w *world) setUp(d *desk) {
	t := w.start + minute + w.routine.Int64N(10*minute)
	w.status(d, t, wahasim.StatusStarting)
	w.status(d, t+4000, wahasim.StatusWorking)
	t += minute
	for i, name := range usualLabels {
		w.upsert(d, t+int64(i)*800, wahasim.Label{ID: strconv.Itoa(i + 1), Name: name, Color: i})
	}
	named := t + 10_000 + d.seat.lateNames.Milliseconds()
	for s := range slotCount {
		d.exists[s] = true // on the phone from the start, also where it is named later
		w.upsert(d, named+int64(s)*700, wahasim.Label{ID: d.ids[s], Name: d.name(s), Color: 5 + int(s)})
	}

	middle := d.inShift(w.start+w.length/2, w.routine)
	switch d.seat.incident {
	case renames:
		w.upsert(d, middle, wahasim.Label{ID: d.ids[slotPriority], Name: d.name(slotPriority) + " 🔥", Color: 13})
	case reuses:
		later := d.inShift(middle+w.length/18, w.routine)
		w.at(middle, d, nil, func(at int64) wahasim.Event {
			d.exists[slotPromo] = false
			return d.phone.DeleteLabel(at, d.ids[slotPromo])
		})
		// WAHA gives a new label the highest id plus one: the one just freed.
		w.at(later, d, nil, func(at int64) wahasim.Event {
			d.exists[slotPromo] = true
			return d.phone.Upsert(at, wahasim.Label{ID: d.ids[slotPromo], Name: "Dropshipper", Color: 15})
		})
	}
}

func (w *world) upsert(d *desk, due int64, l wahasim.Label) {
	w.at(due, d, nil, func(at int64) wahasim.Event { return d.phone.Upsert(at, l) })
}

func (w *world) status(d *desk, due int64, status string) {
	w.at(due, d, nil, func(at int64) wahasim.Event { return d.phone.Status(at, status, "") })
}

// weeks starts what goes on at every desk beside its leads, each after a random
// time, again and again.
func (w *world) weeks(d *desk) {
	w.every(d, 10, w.restart)
	w.every(d, 12, w.outage)
	w.every(d, 4, w.staffTest)
	w.every(d, 5, w.otherChat)
	if d.seat.engine == wahasim.GOWS {
		w.every(d, 9, w.phantoms)
	}
}

// every calls do in the shift, again and again, so many days apart on average.
func (w *world) every(d *desk, days float64, do func(d *desk, t int64, r *rand.Rand)) {
	r := newRand(w.cfg.Seed, w.routine.Uint64()>>24|streamRoutine)
	var again func(from int64)
	again = func(from int64) {
		due := d.inShift(from+int64(r.ExpFloat64()*days*float64(day)), r)
		w.at(due, d, nil, func(int64) wahasim.Event {
			do(d, due, r)
			again(due + hour)
			return wahasim.Event{}
		})
	}
	again(w.start + 12*hour)
}

// restart of WAHA: STARTING and a few seconds later WORKING; what is emitted in
// between has me null.
func (w *world) restart(d *desk, t int64, r *rand.Rand) {
	w.status(d, t, wahasim.StatusStarting)
	w.status(d, t+3000+r.Int64N(4000), wahasim.StatusWorking)
}

// outage: the phone has no network for an hour or more. Its events come when it
// is back, with that time. NOWEB says STARTING every two seconds meanwhile.
func (w *world) outage(d *desk, t int64, r *rand.Rand) {
	to := t + hour/2 + r.Int64N(2*hour)
	d.offline = append(d.offline, span{t, to})
	if n := len(d.offline); n > 4 {
		d.offline = d.offline[n-4:]
	}
	tries := 1
	if d.seat.engine == wahasim.NOWEB {
		tries = 6
	}
	for i := range int64(tries) {
		w.status(d, to-20_000+2000*i, wahasim.StatusStarting)
	}
	w.status(d, to-1000, wahasim.StatusWorking)
}

// staffTest: somebody of the agency tries a label on a number of the staff.
func (w *world) staffTest(d *desk, t int64, r *rand.Rand) {
	tester := wahasim.Lead{Phone: one(r, d.brand.ignore), Name: "Admin"}
	id := d.ids[slot(r.IntN(5))]
	w.at(t, d, nil, func(at int64) wahasim.Event {
		return d.phone.Message(at, wahasim.Message{Lead: tester, Text: "tes"})
	})
	w.at(t+20_000, d, nil, func(at int64) wahasim.Event { return d.phone.Label(at, tester, id) })
	if r.Float64() < 0.8 {
		w.at(t+50_000, d, nil, func(at int64) wahasim.Event { return d.phone.Unlabel(at, tester, id) })
	}
}

// otherChat: a label on what is no lead: a group, a broadcast, a channel.
func (w *world) otherChat(d *desk, t int64, r *rand.Rand) {
	chat := "1203630255" + strconv.Itoa(10_000_000+r.IntN(90_000_000)) + "@g.us"
	switch x := r.Float64(); {
	case x < 0.15:
		chat = "status@broadcast"
	case x < 0.3:
		chat = "1203631111" + strconv.Itoa(10_000_000+r.IntN(90_000_000)) + "@newsletter"
	}
	id := d.ids[slotFollowUp]
	w.at(t, d, nil, func(at int64) wahasim.Event { return d.phone.LabelChat(at, chat, id, true) })
}

// phantoms are removals of labels that were never there, as WhatsApp's own lists
// make WAHA send them.
func (w *world) phantoms(d *desk, t int64, r *rand.Rand) {
	if len(w.people) == 0 {
		return
	}
	for range 40 {
		who := w.people[r.IntN(len(w.people))]
		if !w.met[d.seat.session+" "+who.phone] {
			continue // not a chat of this phone
		}
		lead := wahasim.Lead{Phone: who.phone, LID: who.lid, Name: who.name}
		w.at(t, d, nil, func(at int64) wahasim.Event { return d.phone.Unlabel(at, lead, "24") })
	}
}
