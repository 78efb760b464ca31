package mariadbtest

import (
	"io"
	"os/exec"
	"syscall"
)

// A watcher ends a server and removes its folder once this process is gone,
// however it went: a test that panics or runs out of time runs no clean-up,
// and SIGKILL runs nothing at all. It is a shell that waits for the end of a
// pipe only this process holds open.
type watcher struct {
	cmd  *exec.Cmd
	pipe io.Closer
}

// The pid file is written by launch and removed by Server once the process
// has been waited for, so its number cannot have passed to a stranger.
const (
	watchScript = `
trap '' HUP INT TERM
cat >/dev/null
if pid=$(cat "$1/pid" 2>/dev/null); then
	kill -KILL "$pid" 2>/dev/null
	sleep 0.2
fi
for i in 1 2 3 4 5; do
	rm -rf "$1" 2>/dev/null && exit
	sleep 0.2
done`
	launchScript = `echo $$ >"$0" && exec "$@"`
)

// watch starts the watcher of the server in dir.
func watch(dir string) (*watcher, error) {
	cmd := exec.Command("sh", "-c", watchScript, "sh", dir)
	// A group of its own keeps Ctrl-C in a terminal from ending the watcher
	// before it has done its work. Its outputs stay closed: `go test` waits
	// for every process that holds the test's.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &watcher{cmd: cmd, pipe: pipe}, nil
}

// release lets the watcher go and waits for it. What is left in its folder is
// removed, and a server whose pid file is still there is killed.
func (w *watcher) release() error {
	if err := w.pipe.Close(); err != nil {
		return err
	}
	return w.cmd.Wait()
}

// launch prepares a command whose number is in pidFile before it begins.
func launch(pidFile, name string, args []string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", launchScript, pidFile, name}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}
