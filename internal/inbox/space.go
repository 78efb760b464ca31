package inbox

import (
	"fmt"
	"os"
)

const (
	freeFraction = 20        // of the file system's size, by default
	freeCeiling  = 256 << 20 // bytes, the most that is kept free by default

	// rowOverhead is what a body costs beside itself: its other columns, its
	// index entry, its row in settled and the slack of a page.
	rowOverhead = 256
)

// Space is what the inbox takes and may take, in bytes.
type Space struct {
	UsedBytes   int64 // pages in use and the write-ahead log
	LimitBytes  int64 // Config.MaxBytes; 0 is no limit
	FreeBytes   int64 // free on the file system; -1 where it cannot be told
	FreeAtLeast int64 // below this much free nothing more is accepted
}

// minFree is how much of the file system stays free: what was configured, else
// the smaller of 256 MiB and 5 % of it.
func minFree(configured, size int64) int64 {
	if configured > 0 {
		return configured
	}
	if configured < 0 {
		return 0
	}
	return min(freeCeiling, size/freeFraction)
}

// fileSize is the size of the file at path, 0 when there is none. It does not
// open the file: see the package comment.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// check says whether coming more bytes may be stored, or an Error of class
// ErrFull. It costs two system calls.
func (s *Space) check(coming int64) error {
	if s.LimitBytes > 0 && s.UsedBytes+coming > s.LimitBytes {
		return fullError("%s used, the limit is %s", bytesText(s.UsedBytes), bytesText(s.LimitBytes))
	}
	if s.FreeBytes >= 0 && s.FreeBytes-coming < s.FreeAtLeast {
		return fullError("%s free on the disk, %s must stay free", bytesText(s.FreeBytes), bytesText(s.FreeAtLeast))
	}
	return nil
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
