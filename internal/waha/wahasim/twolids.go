package wahasim

import "slices"

// setTwoLIDs gives a share of the people a second hidden id; n.mu may be held.
func (p *Phone) setTwoLIDs(seed uint64, share float64) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.twoLIDs, p.twoLIDsSeed = share, seed
}

// address is the lead as the next event names it: every other thing in a chat by
// hidden id comes under the second one, for those who have two. srv.mu is held.
func (p *Phone) address(l Lead) Lead {
	if p.twoLIDs == 0 || !l.byLID() || l.Phone == "" || fraction(p.twoLIDsSeed, "two-lids", l.Phone) >= p.twoLIDs {
		return l
	}
	if who := p.people[l.Phone]; who != nil && len(who.log)%2 == 1 {
		l.LID = secondLID(l.LID)
	}
	return l
}

// secondLID is another hidden id, always the same for one.
func secondLID(lid string) string {
	b := []byte(lid)
	slices.Reverse(b[1:])
	if string(b) == lid {
		b[0] = '1' + (b[0]-'0')%9
	}
	return string(b)
}
