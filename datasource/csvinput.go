package datasource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// csvInput is where the bytes of a CSV source come from.
type csvInput interface {
	open() (stream, error)
}

// stream is a reader that waits no longer than a context; what it could not wait
// for is in the next read. It can be read a second time.
type stream interface {
	read(ctx context.Context, p []byte) (int, error)
	// rewind makes the next read start over, for the last time.
	rewind() error
	// forget says that there will be no second reading.
	forget()
	close()
}

// seekStream is a stream of bytes that are there.
type seekStream struct {
	io.ReadSeeker
	release func() error
}

func (s seekStream) read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.Read(p)
}

func (s seekStream) rewind() error {
	_, err := s.Seek(0, io.SeekStart)
	return err
}

func (s seekStream) forget() {}

func (s seekStream) close() { _ = s.release() }

type bytesInput []byte

func (b bytesInput) open() (stream, error) {
	return seekStream{bytes.NewReader(b), func() error { return nil }}, nil
}

// readerInput can be opened once.
type readerInput struct {
	r    io.Reader
	used atomic.Bool
}

func (in *readerInput) open() (stream, error) {
	if in.used.Swap(true) {
		return nil, ErrConsumed
	}
	return newRecorder(in.r, func() error { return nil }), nil
}

type fileInput string

func (path fileInput) open() (stream, error) {
	f, err := os.Open(string(path))
	if err != nil {
		return nil, path.openError(err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = &CSVError{Reason: "cannot be read", Err: err}
	case info.IsDir():
		err = &CSVError{Reason: "is a folder, not a file", Hint: "name a file in it", Err: fs.ErrInvalid}
	case info.Mode().IsRegular():
		return seekStream{f, f.Close}, nil
	default:
		return newRecorder(f, f.Close), nil
	}
	_ = f.Close()
	return nil, err
}

func (path fileInput) openError(err error) error {
	e := &CSVError{Reason: "cannot be opened", Err: err}
	switch {
	case errors.Is(err, fs.ErrPermission):
		e.Reason = "may not be read: permission denied"
	case errors.Is(err, fs.ErrNotExist):
		e.Reason = "no such file"
		entries, _ := os.ReadDir(filepath.Dir(string(path)))
		var names []string
		for _, entry := range entries {
			if !entry.IsDir() {
				names = append(names, entry.Name())
			}
		}
		if near, ok := Nearest(filepath.Base(string(path)), names); ok {
			e.Hint = fmt.Sprintf("did you mean %s?", quoted(near))
		}
	}
	return e
}

// asyncReader reads from a reader that may block for ever, such as a terminal,
// in a goroutine of its own, which ends after close as soon as it is not in Read.
type asyncReader struct {
	ask     chan struct{}
	answers chan error
	stop    chan struct{}
	asked   bool
	buffer  []byte // belongs to the goroutine from ask to answer
	ready   []byte
}

func newAsyncReader(r io.Reader) *asyncReader {
	const size = 64 << 10
	a := &asyncReader{
		ask: make(chan struct{}), answers: make(chan error, 1), stop: make(chan struct{}),
		buffer: make([]byte, size),
	}
	go func() {
		for {
			select {
			case <-a.ask:
				n, err := r.Read(a.buffer[:size])
				a.buffer = a.buffer[:n]
				a.answers <- err
			case <-a.stop:
				return
			}
		}
	}()
	return a
}

func (a *asyncReader) close() { close(a.stop) }

func (a *asyncReader) read(ctx context.Context, p []byte) (int, error) {
	var err error
	if len(a.ready) == 0 {
		if !a.asked {
			a.ask <- struct{}{}
			a.asked = true
		}
		select {
		case err = <-a.answers:
			a.ready, a.asked = a.buffer, false
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	n := copy(p, a.ready)
	a.ready = a.ready[n:]
	return n, err
}

// recorder is a stream that can be read a second time because it keeps what was
// read the first time.
type recorder struct {
	in        *asyncReader
	release   func() error
	recording bool
	kept      spool
	err       error // how the stream ended
}

func newRecorder(r io.Reader, release func() error) *recorder {
	return &recorder{in: newAsyncReader(r), release: release, recording: true}
}

func (r *recorder) rewind() error {
	r.recording = false
	return nil
}

func (r *recorder) forget() { r.recording, r.kept = false, spool{} }

func (r *recorder) close() {
	r.in.close()
	_ = r.release()
}

func (r *recorder) read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if !r.recording && len(r.kept.chunks) > 0 {
		return r.kept.read(p), nil
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.in.read(ctx, p)
	if err != nil && ctx.Err() == nil {
		r.err = err
	}
	if r.recording {
		r.kept.write(p[:n])
	}
	return n, err
}

// spool is a queue of bytes that frees what was read step by step.
type spool struct {
	chunks [][]byte
}

func (s *spool) write(p []byte) {
	for len(p) > 0 {
		last := len(s.chunks) - 1
		if last < 0 || len(s.chunks[last]) == cap(s.chunks[last]) {
			s.chunks = append(s.chunks, make([]byte, 0, blockSize))
			last++
		}
		n := min(len(p), cap(s.chunks[last])-len(s.chunks[last]))
		s.chunks[last] = append(s.chunks[last], p[:n]...)
		p = p[n:]
	}
}

func (s *spool) read(p []byte) int {
	n := copy(p, s.chunks[0])
	if s.chunks[0] = s.chunks[0][n:]; len(s.chunks[0]) == 0 {
		s.chunks[0] = nil
		s.chunks = s.chunks[1:]
	}
	return n
}
