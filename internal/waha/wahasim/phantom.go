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
	on := p.labelsOn(body.Payload.ChatID)
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

// labelsOn are the ids of the labels on one chat; srv.mu is held.
func (p *Phone) labelsOn(chatID string) (ids []string) {
	for id, on := range p.others[chatID] {
		if on {
			ids = append(ids, id)
		}
	}
	user, server, _ := cutChat(chatID)
	who := p.people[user]
	if server == "lid" {
		who = p.byLID(user)
	}
	if who != nil {
		who.chats(func(labelID, chat string) {
			if chat == chatID {
				ids = append(ids, labelID)
			}
		})
	}
	return ids
}

// byLID finds the person with a hidden id, nil for none; srv.mu is held.
func (p *Phone) byLID(lid string) *person {
	if key, ok := p.lids[lid]; ok {
		return p.people[key]
	}
	return nil
}
