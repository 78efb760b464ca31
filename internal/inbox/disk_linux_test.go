package inbox

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// mountTmpfs mounts a file system of its own, which only root may.
func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: a full and a read-only disk: mounting a tmpfs needs root: %v", err)
	}
	t.Cleanup(func() {
		for range 100 {
			if syscall.Unmount(dir, 0) == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("%s cannot be unmounted", dir)
	})
	return dir
}

func TestDiskFull(t *testing.T) {
	for _, x := range []struct {
		name    string
		minFree int64
	}{
		{"kept from it by what must stay free", 1 << 20},
		{"to the last byte", -1},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := mountTmpfs(t, "size=8m")
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 3<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "inbox.db")
			b := open(t, path, func(cfg *Config) { cfg.MinFreeBytes = x.minFree })
			var accepted []int
			n := 0
			fill := func() (refused int) {
				for ; refused < 50; n++ {
					if n > 10_000 {
						t.Fatal("never full")
					}
					it := item(n)
					it.Body = bytes.Repeat([]byte("x"), 3000)
					known, err := b.Put(ctx, it)
					switch {
					case err == nil && !known:
						accepted = append(accepted, n)
					case errors.Is(err, ErrFull):
						refused++
					default:
						t.Fatalf("Put on a full disk = %v, %v", known, err)
					}
				}
				return refused
			}
			fill()
			before := len(accepted)
			if before < 200 {
				t.Errorf("full after %d bodies of 3000 bytes with 5 MiB", before)
			}
			if err := b.Health(ctx); !errors.Is(err, ErrFull) {
				t.Errorf("Health = %v, want it full", err)
			}
			if list, err := b.Claim(ctx, 10); err != nil || len(list) != 10 {
				t.Errorf("a full disk cannot be read: %d bodies, %v", len(list), err)
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			if err := b.Health(ctx); err != nil {
				t.Errorf("Health with room again = %v", err)
			}
			fill()
			if len(accepted) < before+200 {
				t.Errorf("%d bodies accepted before there was room again, %d after", before, len(accepted)-before)
			}
			b.Close()

			got := map[[32]byte]int{}
			b = open(t, path, func(cfg *Config) { cfg.MinFreeBytes = -1 })
			for _, d := range all(t, b, Filter{}) {
				got[d.Key]++
			}
			b.Close()
			for _, n := range accepted {
				if got[item(n).Key] != 1 {
					t.Fatalf("item %d was accepted and is there %d times", n, got[item(n).Key])
				}
			}
		})
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := mountTmpfs(t, "size=8m")
	path := filepath.Join(dir, "inbox.db")
	b := open(t, path, nil)
	put(t, b, item(0))
	b.Close()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"the file": path, "a new file": filepath.Join(dir, "other.db")} {
		b, err := Open(ctx, Config{Path: path, MinFreeBytes: -1})
		if err == nil {
			b.Close()
		}
		if !errors.Is(err, ErrReadOnly) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: Open = %v, want it read-only", name, err)
		}
	}
}

func TestReadOnlyFile(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write any file; TestReadOnlyDisk tests the same")
	}
	path := newPath(t)
	b := open(t, path, nil)
	put(t, b, item(0))
	b.Close()
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	b, err := Open(ctx, Config{Path: path, MinFreeBytes: -1})
	if err == nil {
		b.Close()
	}
	if !errors.Is(err, ErrReadOnly) {
		t.Errorf("Open = %v, want it read-only", err)
	}
}
