package bench

import (
	"os"
	"syscall"
)

// maxRSS is the greatest size a process that has ended had, in MiB. Source:
// getrusage(2), ru_maxrss in KiB.
func maxRSS(p *os.ProcessState) float64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return float64(usage.Maxrss) / 1024
}
