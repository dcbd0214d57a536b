package modelfile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// ErrDamaged marks a file that is not what was written: cut short, changed or
// lengthened.
var ErrDamaged = errors.New("the file is damaged")

// What stands between the parts of a file.
const (
	beforeFormat  = `{"format":"`
	beforeVersion = `","version":`
	beforeSum     = `,"sha256":"`
	beforeBody    = `","body":`
	end           = "}\n"
)

// Write writes a body, by the rules of encoding/json, as a file of at most limit
// bytes. Formats consist of letters, digits and points; versions start at 1.
// Nothing is written on an error of the body, or when ctx ends before.
func Write(ctx context.Context, w io.Writer, format string, version, limit int, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	sum, err := checksum(ctx, format, version, raw)
	if err != nil {
		return err
	}
	file := fmt.Appendf(nil, "%s%s%s%d%s%s%s", beforeFormat, format, beforeVersion, version, beforeSum, sum, beforeBody)
	file = append(append(file, raw...), end...)
	if len(file) > limit {
		return fmt.Errorf("the model needs %d bytes, a file holds at most %d", len(file), limit)
	}
	_, err = w.Write(file)
	return err
}

// checksum returns the SHA-256 of the format, the version and the body, a line
// each, in lower-case hexadecimal.
func checksum(ctx context.Context, format string, version int, body []byte) (string, error) {
	h := sha256.New()
	h.Write(fmt.Appendf(nil, "%s\n%d\n", format, version))
	for step := range slices.Chunk(body, stepBytes) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		h.Write(step)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// stepBytes is how much is worked on between two looks at the context.
const stepBytes = 4 << 20

// untilDone reads until its context ends.
type untilDone struct {
	ctx context.Context
	in  io.Reader
}

func (r untilDone) Read(to []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(to)
}

// Read reads a file of the format and of a version from 1 to newest, up to the
// end of r, and returns its version and its body. What is not of the format is
// refused by its first bytes, and a file of more than limit bytes when so many
// have been read. Errors of r, and that of ctx, are returned as they are.
func Read(ctx context.Context, r io.Reader, format string, newest, limit int) (version int, body []byte, err error) {
	r = untilDone{ctx, r}
	start := make([]byte, len(beforeFormat)+len(format)+len(beforeVersion))
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, nil, err
	}
	if want := beforeFormat + format + beforeVersion; string(start[:n]) != want {
		return 0, nil, fmt.Errorf("format: not a file of %q: it starts with %q, want %q", format, start[:n], want)
	}
	rest, err := io.ReadAll(io.LimitReader(r, int64(limit-n)+1))
	if err != nil {
		return 0, nil, err
	}
	if n+len(rest) > limit {
		return 0, nil, fmt.Errorf("the file has more than %d bytes", limit)
	}
	return open(ctx, rest, format, newest)
}

// open takes apart what follows the name of the format.
func open(ctx context.Context, rest []byte, format string, newest int) (version int, body []byte, err error) {
	number, rest, found := bytes.Cut(rest, []byte(beforeSum))
	version, err = strconv.Atoi(string(number[:min(len(number), 20)]))
	switch {
	case !found || err != nil || strconv.Itoa(version) != string(number):
		return 0, nil, fmt.Errorf("version: %w: want a number and then %q", ErrDamaged, beforeSum)
	case version < 1 || version > newest:
		return 0, nil, fmt.Errorf("version: must be from 1 to %d, got %d: a newer release may have written it", newest, version)
	}
	sum, rest, found := bytes.Cut(rest, []byte(beforeBody))
	if !found || len(sum) != 2*sha256.Size {
		return 0, nil, fmt.Errorf("sha256: %w: want %d digits and then %q", ErrDamaged, 2*sha256.Size, beforeBody)
	}
	body, found = bytes.CutSuffix(rest, []byte(end))
	if !found {
		return 0, nil, fmt.Errorf("body: %w: want %q and nothing more at its end", ErrDamaged, end)
	}
	got, err := checksum(ctx, format, version, body)
	if err != nil {
		return 0, nil, err
	}
	if got != string(sum) {
		return 0, nil, fmt.Errorf("sha256: %w: the checksum is %s, want %s", ErrDamaged, got, sum)
	}
	return version, body, nil
}

// Detach returns the bytes that a body has in base64 as the value of a key, and the
// body with a short value in their place: [Decode] takes many times the memory and
// time that they need. A body without the key stays as it is.
func Detach(ctx context.Context, body []byte, key string) (rest, value []byte, err error) {
	const standIn = `AA=="`
	// In a text of JSON each quote follows a backslash, so that this is a key.
	_, after, found := bytes.Cut(body, []byte(`,"`+key+`":"`))
	if !found {
		return body, nil, nil
	}
	text, after, found := bytes.Cut(after, []byte(`"`))
	if !found || len(text) == 0 || !inOnePiece(text) {
		return nil, nil, fmt.Errorf("%s: %w: want base64", key, ErrDamaged)
	}
	if value, err = fromBase64(ctx, text); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", key, err)
	}
	start := body[:len(body)-len(after)-len(text)-1]
	return slices.Concat(start, []byte(standIn), after), value, nil
}

// inOnePiece reports whether base64 has no line breaks, which its decoder passes
// over, and no padding but at its end.
func inOnePiece(text []byte) bool {
	text = bytes.TrimRight(text, "=")
	for _, b := range []byte("\r\n=") {
		if bytes.IndexByte(text, b) >= 0 {
			return false
		}
	}
	return true
}

func fromBase64(ctx context.Context, text []byte) ([]byte, error) {
	strict := base64.StdEncoding.Strict()
	value := make([]byte, 0, strict.DecodedLen(len(text)))
	for step := range slices.Chunk(text, stepBytes) {
		err := ctx.Err()
		if err == nil {
			value, err = strict.AppendDecode(value, step)
		}
		if err != nil {
			return nil, err
		}
	}
	return value, nil
}

// Decode sets what to points to from a body, which must be, byte for byte, what
// encoding/json makes of it.
func Decode(body []byte, to any) error {
	if err := json.Unmarshal(body, to); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	want, err := json.Marshal(to)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if bytes.Equal(body, want) {
		return nil
	}
	at := 0
	for at < min(len(body), len(want)) && body[at] == want[at] {
		at++
	}
	return fmt.Errorf("body: byte %d: got %q, want %q", at+1, around(body, at), around(want, at))
}

// around returns the bytes near a place, enough to see the key there.
func around(b []byte, at int) []byte {
	const before, after = 24, 16
	return b[max(0, at-before):min(len(b), at+after)]
}
