package wahasim

import (
	"encoding/json"
	"maps"
	"slices"
)

// phantom is what GOWS sends beside an event of a chat although nothing happened:
// a label that is not on the chat is put on or taken off. n.mu is held.
func (n *Node) phantom(p *Phone, ev Event) []Event {
	if p.cfg.Engine != GOWS || !n.hit(Phantom, ev.Session) {
		return nil
	}
	var body struct {
		Payload struct {
			ChatID  string `json:"chatId"`
			LabelID string `json:"labelId"`
		} `json:"payload"`
	}
	if json.Unmarshal(ev.Body, &body) != nil {
		return nil
	}
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	on := p.snapshot().of[body.Payload.ChatID]
	var absent []string
	for _, id := range slices.Sorted(maps.Keys(p.labels)) {
		if id != body.Payload.LabelID && !slices.Contains(on, id) {
			absent = append(absent, id)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return []Event{p.association(ev.At, body.Payload.ChatID, absent[n.rand.IntN(len(absent))], n.rand.IntN(2) == 0)}
}
