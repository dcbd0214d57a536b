package datasource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	blockSize = 512 << 10
	// No row may be larger: spans are 32 bits wide.
	maxBlock = 1 << 30
)

// block is a run of whole rows of a file.
type block struct {
	data []byte
	line int // of the first row
}

// splitter cuts a stream into blocks that end where a row ends. A line feed ends
// a row if the number of quotes before it is even: that holds in every well-formed
// file, and up to the first fault in any other. The blocks depend on the bytes
// alone, not on how they arrive.
type splitter struct {
	in     stream
	limits Limits
	// partial scans a copy of a row that is longer than a block, to find out
	// early that it is beyond the limits.
	partial func(data []byte, line int) *CSVError

	rest []byte // read, and not yet in a block
	read int64
	line int
	eof  bool
}

// fill reads until rest holds n bytes or the stream ends.
func (s *splitter) fill(ctx context.Context, buffer []byte, n int) ([]byte, error) {
	for len(buffer) < n && !s.eof {
		got, err := s.in.read(ctx, buffer[len(buffer):n])
		buffer = buffer[:len(buffer)+got]
		s.read += int64(got)
		if s.limits.MaxBytes > 0 && s.read > s.limits.MaxBytes {
			return nil, &CSVError{
				Reason: fmt.Sprintf("more than %d bytes", s.limits.MaxBytes), Err: ErrTooLarge,
			}
		}
		if errors.Is(err, io.EOF) {
			s.eof = true
		} else if err != nil {
			return nil, fmt.Errorf("reading: %w", err)
		}
	}
	return buffer, nil
}

// peek returns the start of the stream, up to n bytes, before any block.
func (s *splitter) peek(ctx context.Context, n int) ([]byte, error) {
	var err error
	s.rest, err = s.fill(ctx, make([]byte, 0, n), n)
	return s.rest, err
}

// skip drops a prefix of what was peeked at, and returns the rest of it.
func (s *splitter) skip(prefix []byte) []byte {
	s.rest = bytes.TrimPrefix(s.rest, prefix)
	return s.rest
}

// next replaces the content of b, and reuses its memory. After the last block it
// returns io.EOF.
func (s *splitter) next(ctx context.Context, b *block) error {
	size := blockSize
	if s.eof {
		size = len(s.rest) // a small file needs no large block
	}
	b.data = append(grown(b.data[:0], size), s.rest...)
	s.rest = s.rest[:0]
	for ; ; size *= 2 {
		var err error
		if b.data, err = s.fill(ctx, grown(b.data, size), size); err != nil {
			return err
		}
		end := len(b.data)
		if !s.eof {
			end = lastRowEnd(b.data)
		}
		if end > 0 {
			s.rest = append(s.rest, b.data[end:]...)
			b.data = b.data[:end]
			b.line = s.line
			s.line += bytes.Count(b.data, []byte{'\n'})
			return nil
		}
		if s.eof {
			return io.EOF
		}
		if err := s.partial(bytes.Clone(b.data), s.line); err != nil {
			return err
		}
		if size >= maxBlock {
			return &CSVError{Line: s.line, Reason: "the row is larger than 1 GiB", Err: ErrTooLarge}
		}
	}
}

func grown(data []byte, size int) []byte {
	if cap(data) >= size {
		return data
	}
	return append(make([]byte, 0, size), data...)
}

// lastRowEnd returns the offset behind the last line feed that ends a row, or 0.
func lastRowEnd(data []byte) int {
	inQuotes := bytes.Count(data, []byte{'"'})%2 == 1
	for at := len(data) - 1; at >= 0; at-- {
		switch data[at] {
		case '"':
			inQuotes = !inQuotes
		case '\n':
			if !inQuotes {
				return at + 1
			}
		}
	}
	return 0
}
