package mariadbtest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
)

// logFileSize is that of the redo log of a server for tests. Large enough for
// their batches; small because every server copies it.
const logFileSize = "--innodb-log-file-size=16M"

// copyTemplate fills dir (which must not exist) with an initialised data
// folder. mariadb-install-db takes a second or several; it runs once per
// machine, user and MariaDB version, and everyone after that copies.
func copyTemplate(bin binaries, dir string) error {
	tpl := templateDir(bin)
	if want, ok := intact(tpl); ok {
		// Another process may sweep or replace the template meanwhile, so
		// the copy is what counts.
		err := os.CopyFS(dir, os.DirFS(filepath.Join(tpl, "data")))
		if got, _ := summary(dir); err == nil && got == want {
			return nil
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := install(bin, dir); err != nil {
		return err
	}
	// Keeping the template saves time and is nothing more: an error here is
	// not the caller's.
	_ = keep(tpl, dir)
	return nil
}

// templateDir is where the template of this MariaDB and user lies.
func templateDir(bin binaries) string {
	sum := sha256.Sum256([]byte(bin.server + "\n" + bin.version + "\n" + logFileSize))
	return filepath.Join(os.TempDir(), fmt.Sprintf("tandai-mariadb-template-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
}

// install makes a new data folder: root without a password from this machine,
// and nothing else.
func install(bin binaries, dir string) error {
	args := []string{
		"--no-defaults",
		"--auth-root-authentication-method=normal",
		"--skip-test-db",
		"--skip-name-resolve",
		"--force", // or it wants this machine's name to resolve
		"--datadir=" + dir,
		logFileSize,
	}
	if os.Getuid() == 0 {
		args = append(args, "--user=root")
	} else if u, err := user.Current(); err == nil {
		args = append(args, "--user="+u.Username)
	}
	out, err := exec.Command(bin.install, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, tail(string(out)))
	}
	return nil
}

// keep copies a new data folder to tpl, in one rename at the end, so that
// processes that start together never see half a template.
func keep(tpl, dir string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(tpl), "tandai-mariadb-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.CopyFS(filepath.Join(tmp, "data"), os.DirFS(dir)); err != nil {
		return err
	}
	sum, err := summary(filepath.Join(tmp, "data"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, "summary"), []byte(sum), 0o600); err != nil {
		return err
	}
	if _, ok := intact(tpl); !ok {
		if err := os.RemoveAll(tpl); err != nil {
			return err
		}
	}
	return os.Rename(tmp, tpl)
}

// intact reports whether tpl is ours and as complete as when it was kept, and
// its summary: the temporary folder is shared with other users and swept by
// the system.
func intact(tpl string) (want string, ok bool) {
	info, err := os.Lstat(tpl)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return "", false
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Getuid() {
		return "", false
	}
	kept, err := os.ReadFile(filepath.Join(tpl, "summary"))
	if err != nil {
		return "", false
	}
	got, err := summary(filepath.Join(tpl, "data"))
	return got, err == nil && got == string(kept)
}

// summary lists every file under dir with its size.
func summary(dir string) (string, error) {
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return errors.New(path + " is not a regular file")
		}
		fmt.Fprintf(&b, "%s %d\n", path, info.Size())
		return nil
	})
	return b.String(), err
}

// tail returns the end of a program's output, enough to see what failed.
func tail(s string) string {
	const most = 2000
	if len(s) > most {
		s = "…" + s[len(s)-most:]
	}
	return strings.TrimSpace(s)
}
