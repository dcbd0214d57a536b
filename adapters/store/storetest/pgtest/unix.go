//go:build unix

package pgtest

import (
	"os/exec"
	"syscall"
)

// immediateShutdown makes PostgreSQL exit without finishing anything.
const immediateShutdown = syscall.SIGQUIT

// runAs sets the user of a process. It also gets a process group of its own, so
// that an interrupt of the tests does not reach it before they stop it.
func runAs(cmd *exec.Cmd, a *account) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}
