package service

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// outbox holds files that appear together or not at all. It is used by one
// goroutine; what fills its files and folders may run on others.
type outbox struct {
	moves []move
	// made are the folders created on the way, those within others first, and
	// temporary those to remove in any case.
	made, temporary []string
}

type move struct{ from, to string }

// create returns a file that commit moves to its path.
func (o *outbox) create(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, inputErrorf("%s is a folder, and a file is to be written there", path)
	}
	if err := o.makeDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, unwritable(path, err)
	}
	o.moves = append(o.moves, move{f.Name(), path})
	return f, nil
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
	if err == nil {
		err = f.Chmod(0o644)
	}
	return errors.Join(err, f.Close())
}

// folder creates an empty folder; take moves what it holds by then to dir.
func (o *outbox) folder(dir string) (string, error) {
	if err := o.makeDir(dir); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(dir, ".new*")
	if err != nil {
		return "", unwritable(dir, err)
	}
	o.temporary = append(o.temporary, temp)
	return temp, nil
}

// take plans to move files of a temporary folder to dir, and returns where they
// will be.
func (o *outbox) take(files []string, dir string) []string {
	to := make([]string, len(files))
	for i, f := range files {
		to[i] = filepath.Join(dir, filepath.Base(f))
		o.moves = append(o.moves, move{f, to[i]})
	}
	return to
}

// makeDir creates a folder and notes which of its parents are new.
func (o *outbox) makeDir(dir string) error {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return unwritable(dir, err)
	}
	o.made = append(missing, o.made...) // the deepest first
	return nil
}

// commit moves all files to their places, unless ctx has ended.
func (o *outbox) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, m := range o.moves {
		if err := os.Rename(m.from, m.to); err != nil {
			return unwritable(m.to, err)
		}
	}
	o.moves, o.made = nil, nil
	return nil
}

// discard removes what was not committed, as far as it can. It is to be called in
// the end, with or without commit.
func (o *outbox) discard() {
	for _, m := range o.moves {
		_ = os.Remove(m.from)
	}
	for _, dir := range o.temporary {
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
