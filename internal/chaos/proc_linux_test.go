package chaos

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// spawner is the one thread that starts all processes: Linux sends a child its
// death signal when the thread that made it ends, and threads of Go may end
// before their process.
var spawner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// start starts cmd so that it does not outlive the tests, as user uid where that
// is not 0.
func start(cmd *exec.Cmd, uid int) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	}
	done := make(chan error)
	spawner() <- func() { done <- cmd.Start() }
	return <-done
}
