package directory

import (
	"maps"
	"slices"
)

// State is how the look-ups of one session are doing. Times are Unix ms, 0 = never.
type State struct {
	Session      string
	Trouble      *Trouble // nil = they work, or nothing was asked yet
	LabelsReadAt int64
	HiddenReadAt int64 // when WAHA's whole list of hidden ids was read
}

// State returns all sessions that look-ups are made for, by name.
func (s *Service) State() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []State
	for _, session := range slices.Sorted(maps.Keys(s.desks)) {
		d := s.desks[session]
		st := State{Session: session, LabelsReadAt: d.labelsRead, HiddenReadAt: d.bulkRead}
		if d.trouble != nil {
			t := *d.trouble
			st.Trouble = &t
		}
		all = append(all, st)
	}
	return all
}
