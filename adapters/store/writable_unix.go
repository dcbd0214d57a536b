//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package store

import "syscall"

// checkWritable asks the system whether a file can be written to, and does not
// open it.
func checkWritable(path string) error {
	const write = 2
	return syscall.Access(path, write)
}
