package mariadbtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNotInstalled says that this machine has no MariaDB to start.
var ErrNotInstalled = errors.New("MariaDB is not installed (mariadbd and mariadb-install-db; on Debian and Ubuntu the packages mariadb-server-core and mariadb-client-core)")

// binaries are the two programs a private server needs.
type binaries struct {
	server  string // mariadbd, or MariaDB's under the name mysqld
	install string // mariadb-install-db
	version string // what the server says of itself; part of the template's name
}

// places are searched after PATH: an ordinary user's PATH leaves out sbin on
// Debian, where mariadbd is.
var places = []string{
	"/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/usr/libexec",
	"/usr/local/mysql/bin", "/usr/local/mariadb/bin", "/usr/local/mysql/scripts",
	"/opt/homebrew/bin", "/opt/homebrew/opt/mariadb/bin",
}

// findBinaries returns the installed MariaDB, or ErrNotInstalled. Oracle's
// mysqld is passed over: it makes its data folder another way.
func findBinaries() (binaries, error) {
	install := find("mariadb-install-db")
	if install == "" || find("my_print_defaults") == "" { // install is a script that needs the other
		return binaries{}, ErrNotInstalled
	}
	for _, name := range []string{"mariadbd", "mysqld"} {
		server := find(name)
		if server == "" {
			continue
		}
		out, err := exec.Command(server, "--no-defaults", "--version").Output()
		if err != nil {
			return binaries{}, fmt.Errorf("%s --version: %w", server, err)
		}
		if strings.Contains(string(out), "MariaDB") {
			return binaries{server: server, install: install, version: string(out)}, nil
		}
	}
	return binaries{}, ErrNotInstalled
}

// find returns the full path of a program, or "".
func find(name string) string {
	if p, err := exec.LookPath(name); err == nil {
		return p
	}
	for _, dir := range places {
		p := filepath.Join(dir, name)
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return p
		}
	}
	return ""
}
