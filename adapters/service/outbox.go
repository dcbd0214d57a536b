package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// outbox holds files that appear together or not at all. It is used by one
// goroutine; what fills its files and folders may run on others.
type outbox struct {
	moves   []move
	streams []stream
	// made are the folders created on the way, those within others first.
	made []string
	// scratch has for each folder a temporary one in it, on the same file
	// system, which holds the new files before commit and the old ones during it.
	scratch map[string]string
	// drafts counts the files made in temporary folders.
	drafts int
}

// move is a file to be put into its place. Without a draft, what is there is to
// be taken away.
type move struct {
	draft string
	to    place
	// backup holds what was in the place, "" for nothing.
	backup string
}

// stream is a file to be written into what is no regular file, such as a pipe.
type stream struct {
	draft string
	to    place
}

// create returns a file that commit moves to its path, or writes into what is
// there if that is a pipe or a device.
func (o *outbox) create(path string) (*os.File, error) {
	to, err := o.resolve(path)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(to.path)
	if to.through {
		dir = os.TempDir()
	}
	f, err := o.draft(dir)
	if err != nil {
		return nil, unwritable(path, err)
	}
	if err := o.plan(f.Name(), to); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// draft creates a file in the temporary folder of dir, with the mode that the
// system gives new files.
func (o *outbox) draft(dir string) (*os.File, error) {
	name, err := o.unused(dir)
	if err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
}

// unused returns a path in the temporary folder of dir at which nothing is.
func (o *outbox) unused(dir string) (string, error) {
	temp, ok := o.scratch[dir]
	if !ok {
		var err error
		if temp, err = os.MkdirTemp(dir, ".cohortlens-*"); err != nil {
			return "", err
		}
		if o.scratch == nil {
			o.scratch = map[string]string{}
		}
		o.scratch[dir] = temp
	}
	o.drafts++
	return filepath.Join(temp, strconv.Itoa(o.drafts)), nil
}

// plan notes where a draft goes, "" for taking away what is there. No two may go
// to the same place.
func (o *outbox) plan(draft string, to place) error {
	if to.through {
		o.streams = append(o.streams, stream{draft, to})
		return nil
	}
	for _, other := range o.moves {
		if other.to.path == to.path {
			return inputErrorf("%s and %s are the same file; name two", other.to.name, to.name)
		}
	}
	o.moves = append(o.moves, move{draft: draft, to: to})
	return nil
}

// write creates a file and fills it.
func (o *outbox) write(path string, content func(io.Writer) error) error {
	f, err := o.create(path)
	if err != nil {
		return err
	}
	return fill(f, content)
}

// fill writes and closes a file.
func fill(f *os.File, content func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 1<<16)
	err := content(w)
	if err == nil {
		err = w.Flush()
	}
	return errors.Join(err, f.Close())
}

// folder creates an empty folder; take moves what it holds by then to dir.
func (o *outbox) folder(dir string) (string, error) {
	if err := o.makeDir(dir); err != nil {
		return "", err
	}
	temp, err := o.unused(dir)
	if err == nil {
		err = os.Mkdir(temp, 0o700)
	}
	if err != nil {
		return "", unwritable(dir, err)
	}
	return temp, nil
}

// take plans to move files of a temporary folder to dir, with the mode of new
// files, and returns where they will be.
func (o *outbox) take(files []string, dir string) ([]string, error) {
	if len(files) == 0 {
		return nil, nil
	}
	model, err := o.draft(dir)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	info, err := model.Stat()
	if err := errors.Join(err, model.Close()); err != nil {
		return nil, err
	}
	at := make([]string, len(files))
	for i, f := range files {
		at[i] = filepath.Join(dir, filepath.Base(f))
		if err := os.Chmod(f, info.Mode().Perm()); err != nil {
			return nil, err
		}
		to, err := o.resolve(at[i])
		if err != nil {
			return nil, err
		}
		if err := o.plan(f, to); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// retire plans to remove a file or link; what else may be there stays.
func (o *outbox) retire(path string) error {
	if info, err := os.Lstat(path); err != nil || !removable(info) {
		return nil
	}
	dir, err := filepath.EvalSymlinks(folderOf(path))
	if err != nil {
		return unwritable(path, err)
	}
	return o.plan("", place{name: path, path: filepath.Join(dir, filepath.Base(path))})
}

// removable reports whether something is a file or a link.
func removable(info fs.FileInfo) bool {
	return info.Mode().IsRegular() || info.Mode().Type() == fs.ModeSymlink
}

// commit puts all files into their places, unless ctx has ended. When one cannot
// be put there, all places are as they were; only what went into a pipe or a
// device cannot be taken back, and those are written first.
func (o *outbox) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, s := range o.streams {
		if err := s.send(ctx); err != nil {
			return err
		}
	}
	for i := range o.moves {
		if err := o.apply(&o.moves[i]); err != nil {
			return errors.Join(unwritable(o.moves[i].to.name, err), o.undo(o.moves[:i+1]))
		}
	}
	o.moves, o.made = nil, nil
	return nil
}

// apply puts one file into its place. The place has the old file or the new one
// at any time where the file system has hard links.
func (o *outbox) apply(m *move) error {
	old, err := os.Lstat(m.to.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		if err := o.backUp(m, old); err != nil {
			return err
		}
	}
	if m.draft == "" {
		return nil
	}
	if m.backup != "" {
		if err := os.Chmod(m.draft, old.Mode().Perm()); err != nil {
			return err
		}
	}
	return os.Rename(m.draft, m.to.path)
}

// backUp keeps the old file, in its place too if it is to be replaced.
func (o *outbox) backUp(m *move, old fs.FileInfo) error {
	if !removable(old) {
		return errors.New("it is no longer a file")
	}
	backup, err := o.unused(filepath.Dir(m.to.path))
	if err != nil {
		return err
	}
	if m.draft == "" || os.Link(m.to.path, backup) != nil {
		err = os.Rename(m.to.path, backup)
	}
	if err == nil {
		m.backup = backup
	}
	return err
}

// undo gives places back what they held, the last first. What cannot be given
// back is kept, and the error says where.
func (o *outbox) undo(applied []move) error {
	var errs []error
	for i := len(applied) - 1; i >= 0; i-- {
		m := applied[i]
		switch {
		case m.backup != "":
			if err := os.Rename(m.backup, m.to.path); err != nil {
				delete(o.scratch, filepath.Dir(m.to.path))
				errs = append(errs, fmt.Errorf("what %s held is now in %s", m.to.name, m.backup))
			}
		case i < len(applied)-1:
			_ = os.Remove(m.to.path)
		}
	}
	return errors.Join(errs...)
}

// discard removes what was not committed, as far as it can. It is to be called in
// the end, with or without commit.
func (o *outbox) discard() {
	for _, dir := range o.scratch {
		_ = os.RemoveAll(dir)
	}
	for _, dir := range o.made {
		_ = os.Remove(dir) // fails, as it should, when the folder is not empty
	}
}

// unwritable says that a place cannot be written, which is the user's to mend.
func unwritable(path string, err error) error {
	return inputErrorf("cannot write %s: %w", path, underlying(err))
}
