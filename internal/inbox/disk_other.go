//go:build !linux && !darwin

package inbox

// diskSpace cannot be told here: only the size limit guards the disk.
func diskSpace(string) (free, size int64) { return -1, 0 }

func noSpace(error) bool { return false }
