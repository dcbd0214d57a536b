package tree

import (
	"encoding/binary"
	"math/bits"
)

// bitWriter appends numbers of a few bits to bytes, the lowest bit first.
type bitWriter struct {
	out    []byte
	held   uint64
	length int // of held, below 8 between calls
}

// write appends the lowest width bits of v, up to 32.
func (w *bitWriter) write(v uint64, width int) {
	w.held |= v << w.length
	for w.length += width; w.length >= 8; w.length -= 8 {
		w.out = append(w.out, byte(w.held))
		w.held >>= 8
	}
}

// writeGamma appends a number from 1 to 2^32-1 in Elias' gamma code: as many zeros
// as it has bits after the first, a one, and these bits.
func (w *bitWriter) writeGamma(v uint64) {
	width := bits.Len64(v) - 1
	w.write(1<<width, width+1)
	w.write(v&^(1<<width), width)
}

// close fills the last byte with zeros.
func (w *bitWriter) close() []byte {
	if w.length > 0 {
		w.write(0, 8-w.length)
	}
	return w.out
}

// bitReader reads what a bitWriter wrote. Past the end it reads zeros, and over is
// set.
type bitReader struct {
	in     []byte
	held   uint64
	length int
	over   bool
}

// fill makes at least 33 bits ready.
func (r *bitReader) fill() {
	for r.length <= 56 && len(r.in) > 0 {
		r.held |= uint64(r.in[0]) << r.length
		r.length += 8
		r.in = r.in[1:]
	}
}

func (r *bitReader) read(width int) uint64 {
	if r.length < width {
		r.fill()
	}
	if r.length < width {
		r.held, r.length, r.over = 0, 0, true
		return 0
	}
	v := r.held & (1<<width - 1)
	r.held >>= width
	r.length -= width
	return v
}

// readGamma reads a number of at most 31 bits.
func (r *bitReader) readGamma() uint64 {
	if r.length <= 32 {
		r.fill()
	}
	width := bits.TrailingZeros64(r.held)
	if width > 30 || width >= r.length {
		r.over = true
		return 0
	}
	r.read(width + 1)
	return 1<<width | r.read(width)
}

// padding returns how many bytes are left, beside zeros that fill the byte read
// last; ok is false when there is more than zeros.
func (r *bitReader) padding() (bytes int, ok bool) {
	zeros := r.held == 0
	for _, b := range r.in {
		zeros = zeros && b == 0
	}
	return r.length/8 + len(r.in), zeros
}

// reader takes numbers from bytes. After the first failure all that it returns is
// 0, and bad is set.
type reader struct {
	in  []byte
	bad bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.in)
	// Only the shortest form is accepted, so that there is one encoding.
	if n <= 0 || n > 1 && r.in[n-1] == 0 {
		r.bad, r.in = true, nil
		return 0
	}
	r.in = r.in[n:]
	return v
}

func (r *reader) fixed() uint64 {
	if len(r.in) < 8 {
		r.bad, r.in = true, nil
		return 0
	}
	v := binary.LittleEndian.Uint64(r.in)
	r.in = r.in[8:]
	return v
}
