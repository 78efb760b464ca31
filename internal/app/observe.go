package app

import "tandai/internal/pipeline"

// observe tells all who watch of a recorded batch. None may block.
func (s *Server) observe(o pipeline.Observed) {
	for _, tell := range s.observers {
		tell(o)
	}
}
