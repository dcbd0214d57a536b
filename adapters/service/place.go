package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cohortlens/cohortlens/adapters/config"
)

// place is where a file of an outbox goes.
type place struct {
	// name is the path as it was given, path the one that its links lead to.
	name, path string
	// through says that a pipe or a device is there, to be written into.
	through bool
	pipe    bool
}

// resolve finds the place that a path stands for, and makes its folder.
func (o *outbox) resolve(path string) (place, error) {
	to := place{name: path, path: path}
	info, err := os.Stat(path)
	if err == nil {
		if err := writable(path, info); err != nil {
			return to, err
		}
		if !info.Mode().IsRegular() {
			to.through, to.pipe = true, info.Mode().Type() == fs.ModeNamedPipe
			return to, nil
		}
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return to, inputErrorf("%s is the path of a folder, and a file is to be written there", path)
	}
	if to.path, err = follow(path); err != nil {
		return to, unwritable(path, err)
	}
	if err := o.makeDir(folderOf(to.path)); err != nil {
		return to, err
	}
	dir, err := filepath.EvalSymlinks(folderOf(to.path))
	if err != nil {
		return to, unwritable(path, err)
	}
	to.path = filepath.Join(dir, filepath.Base(to.path))
	if _, err := os.Lstat(to.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return to, unwritable(path, err) // such as a name that is too long
	}
	return to, nil
}

// writable refuses what no file can be written into.
func writable(path string, info fs.FileInfo) error {
	switch kind := info.Mode().Type(); {
	case info.IsDir():
		return inputErrorf("%s is a folder, and a file is to be written there", path)
	case kind&fs.ModeSocket != 0:
		return inputErrorf("%s is a socket; name a file", path)
	case kind&fs.ModeDevice != 0 && kind&fs.ModeCharDevice == 0:
		return inputErrorf("%s is a block device, such as a disk; name a file", path)
	}
	return nil
}

// follow returns the path at the end of symbolic links, at which nothing need
// be.
func follow(path string) (string, error) {
	const most = 40
	for range most {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link, or nothing at all
		}
		if !filepath.IsAbs(target) {
			dir, err := filepath.EvalSymlinks(folderOf(path))
			if err != nil {
				return "", err
			}
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", syscall.ELOOP
}

// folderOf is the folder of a path as it stands: unlike filepath.Dir, it leaves
// ".." after a link alone, which may lead elsewhere than it looks.
func folderOf(path string) string {
	dir, _ := filepath.Split(path)
	return dir + "."
}

// makeDir creates a folder and the missing ones above it, and notes them.
func (o *outbox) makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	var missing []string
	dir = filepath.Clean(dir)
	for d := dir; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err == nil && !info.IsDir() {
			err = syscall.ENOTDIR
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			return unwritable(dir, err)
		}
		missing = append(missing, d)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		err := os.Mkdir(missing[i], 0o777)
		if err == nil {
			o.made = append([]string{missing[i]}, o.made...)
		} else if !errors.Is(err, fs.ErrExist) {
			return unwritable(dir, err)
		}
	}
	return nil
}

// send writes a draft into a pipe or a device. It waits for a reader of a pipe
// until ctx ends.
func (s stream) send(ctx context.Context) error {
	draft, err := os.Open(s.draft)
	if err != nil {
		return err
	}
	defer func() { _ = draft.Close() }() // it was only read
	out, err := s.to.open(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = out.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	_, err = io.Copy(out, draft)
	if err := errors.Join(err, out.Close()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unwritable(s.to.name, err)
	}
	return nil
}

// open opens a pipe or a device without waiting in the system, where no context
// would end it.
func (p place) open(ctx context.Context) (*os.File, error) {
	const pause = 20 * time.Millisecond
	for {
		f, err := os.OpenFile(p.path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f, nil
		}
		if !p.pipe || !errors.Is(err, syscall.ENXIO) { // a pipe without a reader
			return nil, unwritable(p.name, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// file is a file that a request reads.
type file struct{ what, path string }

// checkOutput is checkPlace for a path that somebody typed, in which more than one
// missing folder is rather a slip than a wish. An empty path is none.
func (s *Service) checkOutput(out string, inputs ...file) error {
	if err := s.checkPlace(out, inputs...); err != nil || out == "" {
		return err
	}
	return s.checkFolder(out)
}

// checkFolder refuses a path whose folder is missing together with the one above,
// unless that is the folder of a file to be written beside it.
func (s *Service) checkFolder(out string, beside ...string) error {
	end, err := follow(out)
	if err != nil {
		return unwritable(out, err)
	}
	dir := folderOf(end)
	above := filepath.Dir(filepath.Clean(dir))
	if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil // writing will say what is wrong
	}
	for _, other := range beside {
		if filepath.Clean(folderOf(other)) == above {
			return nil
		}
	}
	if _, err := os.Stat(above); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return &InputError{
		Err:  fmt.Errorf("cannot write %s: there is no folder %s", out, above),
		Hint: "Of a path, only the last folder is made. Make those above it, or name another place.",
	}
}

// checkPlace refuses before any long work an output that cannot be written, or
// that would replace what the request reads.
func (s *Service) checkPlace(out string, inputs ...file) error {
	if out == stdin {
		return inputErrorf("a file cannot be written to %q; name a file, or print the result with --json", out)
	}
	to, err := os.Stat(out)
	if err != nil {
		return nil // nothing is there, or writing will say what is wrong
	}
	if err := writable(out, to); err != nil {
		return err
	}
	for _, f := range inputs {
		if from, err := s.stat(f); err == nil && os.SameFile(from, to) {
			return inputErrorf("%s is the %s itself; write the result to another file", out, f.what)
		}
	}
	if from, err := statStream(s.options.Stdout); err == nil && os.SameFile(from, to) {
		return inputErrorf("%s is the standard output itself; write the result to another file", out)
	}
	return nil
}

func (s *Service) stat(f file) (fs.FileInfo, error) {
	if f.path == stdin {
		return statStream(s.options.Stdin)
	}
	if path, lite := databaseFile(config.Secret(f.path)); lite {
		return os.Stat(path)
	}
	return os.Stat(f.path)
}

// statStream describes the regular file that a standard stream is connected to;
// without one, it is an error.
func statStream(stream any) (fs.FileInfo, error) {
	f, ok := stream.(*os.File)
	if !ok {
		return nil, fs.ErrInvalid
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	return info, err
}
