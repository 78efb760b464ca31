//go:build !linux

package chaos

import "os/exec"

// start starts cmd. Elsewhere than on Linux a process may outlive tests that
// were killed, and other users are not needed.
func start(cmd *exec.Cmd, _ int) error { return cmd.Start() }
