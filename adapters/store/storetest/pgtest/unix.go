//go:build unix

package pgtest

import (
	"errors"
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

// guard starts a process that stops the server and removes its folder when the
// tests end without doing so, as by a panic or a limit of time: its standard input
// ends with them. The function that it returns ends it.
func guard(c *Cluster) (release func() error, err error) {
	const script = `cat >/dev/null
[ -d "$1" ] || exit 0
server=$(head -n 1 "$1/data/postmaster.pid")
kill -QUIT "$server"
while kill -0 "$server"; do sleep 0.1; done
rm -rf "$1"`
	cmd := exec.Command("sh", "-c", script, "sh", c.dir)
	runAs(cmd, c.account)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() error { return errors.Join(stdin.Close(), cmd.Wait()) }, nil
}
