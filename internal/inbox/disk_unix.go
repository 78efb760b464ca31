//go:build linux || darwin

package inbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
)

// diskSpace gives the free bytes (for us, not for root) and the size of the
// file system dir is on; free is -1 where it cannot be told.
func diskSpace(dir string) (free, size int64) {
	var st syscall.Statfs_t
	for {
		err := syscall.Statfs(dir, &st)
		if err == nil {
			return int64(st.Bavail) * int64(st.Bsize), int64(st.Blocks) * int64(st.Bsize)
		}
		if !errors.Is(err, syscall.EINTR) {
			return -1, 0
		}
	}
}

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func noWrite(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM)
}

// writable says why the file, or the folder its log must lie in, cannot be
// written; nil when they can. It does not open the file.
func writable(file string) error {
	const write = 2
	for _, path := range []string{file, filepath.Dir(file)} {
		if err := syscall.Access(path, write); err != nil {
			return fmt.Errorf("%s cannot be written: %w", path, err)
		}
	}
	return nil
}
