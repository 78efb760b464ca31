package reconcile

import (
	"context"
	"fmt"
)

// Compare reads one session twice, as the command does, and returns how many labels
// were repaired. It may take as long as the reads are apart, and runs beside what the
// service does by itself.
func (s *Service) Compare(ctx context.Context, session, reason string) (repaired int, err error) {
	t, err := s.cfg.Reader.Target(ctx, session)
	if err != nil {
		return 0, err
	}
	if t.Status != Working {
		return 0, fmt.Errorf("it is %s, and only a WORKING session shows its labels", t.Status)
	}
	o := s.cfg.Reader.Twice(ctx, []Target{t}, reason, nil)[0]
	return o.Repaired, o.Err
}
