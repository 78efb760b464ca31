package rest

import (
	"errors"
	"fmt"
	"testing"
)

func TestEachLid(t *testing.T) {
	const many = 1234
	all := make([]LidPair, many)
	for i := range all {
		all[i] = LidPair{Hidden: fmt.Sprintf("201%06d@lid", i), Phone: fmt.Sprintf("62812%06d", i)}
	}
	cut := func(limit, offset int) []LidPair {
		part := all[min(offset, many):]
		return part[:min(limit, len(part))]
	}
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		ask  func(limit, offset int) ([]LidPair, error)
		want int // pairs that can be read
		most int // questions
		err  error
	}{
		"pages as long as asked for": {func(l, o int) ([]LidPair, error) { return cut(l, o), nil }, many, 4, nil},
		"never more than a hundred":  {func(_, o int) ([]LidPair, error) { return cut(100, o), nil }, many, 14, nil},
		"all, whatever is asked for": {func(int, int) ([]LidPair, error) { return all, nil }, many, 2, nil},
		"none":                       {func(int, int) ([]LidPair, error) { return nil, nil }, 0, 1, nil},
		"a page nobody can read": {func(l, o int) ([]LidPair, error) {
			if o == 0 {
				return make([]LidPair, l), nil
			}
			return cut(l, o), nil
		}, many - lidsPage, 4, nil},
		"fails in the middle": {func(l, o int) ([]LidPair, error) {
			if o > 0 {
				return nil, broken
			}
			return cut(l, o), nil
		}, lidsPage, 2, broken},
		"never ends": {func(l, o int) ([]LidPair, error) { return make([]LidPair, 1), nil }, 0, lidsPages, nil},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			got := map[string]string{}
			err := EachLid(func(l, o int) ([]LidPair, error) { asked++; return c.ask(l, o) }, func(pairs []LidPair) error {
				for _, p := range pairs {
					if p.Hidden != "" {
						got[p.Hidden] = p.Phone
					}
				}
				return nil
			})
			if len(got) != c.want || asked > c.most || !errors.Is(err, c.err) {
				t.Errorf("%d pairs by %d questions, %v; want %d by at most %d, %v", len(got), asked, err, c.want, c.most, c.err)
			}
		})
	}
}
