//go:build !linux && !darwin

package inbox

import (
	"errors"
	"io/fs"
)

// diskSpace cannot be told here: only the size limit guards the disk.
func diskSpace(string) (free, size int64) { return -1, 0 }

func noSpace(error) bool { return false }

func noWrite(err error) bool { return errors.Is(err, fs.ErrPermission) }

func writable(string) error { return nil }
