package modelfile_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cohortlens/cohortlens/internal/modelfile"
)

const (
	format = "cohortlens.test"
	limit  = 1 << 16
)

type body struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
	Part   *part     `json:"part,omitempty"`
}

type part struct {
	Count int `json:"count"`
}

func written(t testing.TB, b any) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := modelfile.Write(t.Context(), &file, format, 3, limit, b); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func read(r io.Reader) (version int, b body, err error) {
	version, raw, err := modelfile.Read(context.Background(), r, format, 3, limit)
	if err == nil {
		err = modelfile.Decode(raw, &b)
	}
	return version, b, err
}

// sealed returns a file around any body, with the checksum it should have.
func sealed(raw string) string {
	sum := sha256.Sum256([]byte(format + "\n3\n" + raw))
	return fmt.Sprintf("{\"format\":%q,\"version\":3,\"sha256\":\"%x\",\"body\":%s}\n", format, sum, raw)
}

var sample = body{"a <b> \x00 é", []float64{0.1, -1e-310, math.MaxFloat64, math.Copysign(0, -1), 1.0 / 3}, &part{7}}

func TestReadReturnsWhatWasWritten(t *testing.T) {
	version, got, err := read(iotest.OneByteReader(bytes.NewReader(written(t, sample))))
	if err != nil || version != 3 || !reflect.DeepEqual(got, sample) {
		t.Errorf("got version %d, %+v, %v; want 3, %+v", version, got, err, sample)
	}
	if !math.Signbit(got.Values[3]) {
		t.Error("a negative zero has lost its sign")
	}
}

// The checksum is that of GNU sha256sum 9.1, of the three lines "cohortlens.test",
// "3" and the body, the last without a line break. It pins the format, which the other tests take from Write.
func TestTheFormatIsPinned(t *testing.T) {
	const want = `{"format":"cohortlens.test","version":3,"sha256":` +
		`"ab1fcdcfb72118c0ae5c170df89f9a861fa710dbc99bf85a25c38532e7823eb8","body":{"name":"x","values":[1,2.5]}}` + "\n"
	if got := string(written(t, body{Name: "x", Values: []float64{1, 2.5}})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReadRefusesEveryCutAndEveryChangedByte(t *testing.T) {
	file := written(t, sample)
	for n := range file {
		if _, _, err := read(bytes.NewReader(file[:n])); err == nil {
			t.Errorf("cut after %d bytes: no error", n)
		}
		for _, flip := range []byte{0x01, 0x20, 0x80, 0xff, file[n] ^ ' ', file[n] ^ '0'} {
			damaged := bytes.Clone(file)
			damaged[n] ^= flip
			if _, _, err := read(bytes.NewReader(damaged)); err == nil && flip != 0 {
				t.Errorf("byte %d turned from %q to %q: no error", n, file[n], damaged[n])
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := string(written(t, body{Name: "x"}))
	tests := []struct{ name, file, want string }{
		{"nothing", "", "format"},
		{"gzip", "\x1f\x8b\x08\x00" + strings.Repeat("x", 100), "format: not a file"},
		{"another format", strings.Replace(good, format, "cohortlens.tree", 1), "cohortlens.tree"},
		{"a version to come", strings.Replace(good, `"version":3`, `"version":4`, 1), "from 1 to 3, got 4"},
		{"version 0", strings.Replace(good, `"version":3`, `"version":0`, 1), "from 1 to 3, got 0"},
		{"a version with a sign", strings.Replace(good, `"version":3`, `"version":+3`, 1), "version"},
		{"a version of many digits", strings.Replace(good, `"version":3`, `"version":`+strings.Repeat("3", 5000), 1), "version"},
		{"a long version", strings.Replace(good, `"version":3`, `"version":00000000000000000000003`, 1), "version"},
		{"upper case", strings.ToUpper(good[:len(good)-40]) + good[len(good)-40:], "format"},
		{"something after the end", good + "x", "body"},
		{"two files", good + good, "sha256"},
		{"white space", strings.Replace(good, `"sha256":`, `"sha256": `, 1), "version"},
		{"a larger file", strings.Repeat(good, limit/len(good)+1), "more than 65536 bytes"},
		{"an unknown field", sealed(`{"name":"x","values":null,"more":1}`), "more"},
		{"a field twice", sealed(`{"name":"x","name":"x","values":null}`), "name"},
		{"a missing field", sealed(`{"name":"x"}`), "values"},
		{"another case", sealed(`{"Name":"x","values":null}`), "Name"},
		{"text for a number", sealed(`{"name":"x","values":["1"]}`), "values"},
		{"a number out of range", sealed(`{"name":"x","values":[1e999]}`), "1e999"},
		{"NaN", sealed(`{"name":"x","values":[NaN]}`), "invalid character"},
		{"a fraction for a count", sealed(`{"name":"x","values":null,"part":{"count":1.5}}`), "part.count"},
		{"an array", sealed(`[]`), "array"},
		{"deep nesting", sealed(`{"name":"x","values":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`), "depth"},
	}
	for _, test := range tests {
		_, _, err := read(strings.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error that says %q", test.name, err, test.want)
		}
	}
}

func TestReadPassesOnTheErrorsOfItsReader(t *testing.T) {
	broken := errors.New("broken")
	for _, r := range []io.Reader{
		iotest.ErrReader(broken),
		io.MultiReader(bytes.NewReader(written(t, sample)[:60]), iotest.ErrReader(broken)),
	} {
		if _, _, err := read(r); !errors.Is(err, broken) {
			t.Errorf("got %v, want the reader's error", err)
		}
	}
}

// Whoever sends a stream without end is refused by its first bytes.
func TestReadStopsAtWhatIsNotOfTheFormat(t *testing.T) {
	r := &endless{}
	if _, _, err := read(r); err == nil || r.bytes > 4096 {
		t.Errorf("got %v after %d bytes", err, r.bytes)
	}
}

// Nor is one read on that starts as it should.
func TestReadStopsAtItsLimit(t *testing.T) {
	r := &endless{}
	start := bytes.NewReader(written(t, sample)[:len(format)+30])
	if _, _, err := read(io.MultiReader(start, r)); err == nil || r.bytes > 2*limit {
		t.Errorf("got %v after %d bytes, with a limit of %d", err, r.bytes, limit)
	}
}

type endless struct{ bytes int }

func (e *endless) Read(to []byte) (int, error) {
	clear(to)
	e.bytes += len(to)
	return len(to), nil
}

func TestWriteRefuses(t *testing.T) {
	var file bytes.Buffer
	if err := modelfile.Write(t.Context(), &file, format, 3, limit, body{Values: []float64{math.NaN()}}); err == nil {
		t.Error("NaN: no error")
	}
	if err := modelfile.Write(t.Context(), &file, format, 3, 100, sample); err == nil || !strings.Contains(err.Error(), "at most 100") {
		t.Errorf("a model over the limit: got %v", err)
	}
	if file.Len() > 0 {
		t.Errorf("%d bytes were written", file.Len())
	}
}

func TestALimitCountsTheWholeFile(t *testing.T) {
	size := len(written(t, sample))
	for _, test := range []struct {
		limit int
		ok    bool
	}{{size, true}, {size - 1, false}} {
		if err := modelfile.Write(t.Context(), io.Discard, format, 3, test.limit, sample); (err == nil) != test.ok {
			t.Errorf("writing %d bytes with a limit of %d: %v", size, test.limit, err)
		}
		_, _, err := modelfile.Read(t.Context(), bytes.NewReader(written(t, sample)), format, 3, test.limit)
		if (err == nil) != test.ok {
			t.Errorf("reading %d bytes with a limit of %d: %v", size, test.limit, err)
		}
	}
}

type detachable struct {
	Name string `json:"name"`
	Data []byte `json:"data,omitempty"`
	Last string `json:"last"`
}

func detached(body string) (d detachable, err error) {
	rest, data, err := modelfile.Detach(context.Background(), []byte(body), "data")
	if err == nil {
		err = modelfile.Decode(rest, &d)
	}
	if data != nil {
		d.Data = data
	}
	return d, err
}

func TestDetachReturnsTheBytesOfAKey(t *testing.T) {
	for _, data := range [][]byte{nil, {0}, {1, 2}, {1, 2, 3}, bytes.Repeat([]byte("model"), 3_000_000)} {
		want := detachable{`,"data":"AAAA"`, data, "<end>"}
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := detached(string(raw)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d bytes: got %q with %d bytes, %v", len(data), got.Name, len(got.Data), err)
		}
	}
}

func TestDetachRefuses(t *testing.T) {
	long := strings.Repeat("A", 4<<20)
	for _, text := range []string{
		`""`, `"AA="`, `"AAA"`, `"AAAB\n"`, "\"AAA\n\"", "\"AAAA\r\n\"", `"AB=="`, `"AA==AAAA"`, `"AA==`, `"A`, `7`, `null`, `"*"`,
		`"AAAA","data":"AAAA"`, `"AAAA","data":null`, `"` + long[2:] + `==AAAA"`,
	} {
		for _, body := range []string{`{"name":"x","data":` + text + `,"last":""}`, `{"name":"x","last":"","data":` + text + `}`} {
			if d, err := detached(body); err == nil {
				t.Errorf("%.60s: got %d bytes, want an error", body, len(d.Data))
			}
		}
	}
	if _, err := detached(`{"name":"x","last":"","data":"AAAA"}`); err == nil {
		t.Error("a key at another place was accepted")
	}
}

func TestAllEndsWithItsContext(t *testing.T) {
	file := written(t, sample)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := modelfile.Write(ended, io.Discard, format, 3, limit, sample); !errors.Is(err, context.Canceled) {
		t.Errorf("writing: %v", err)
	}
	if _, _, err := modelfile.Read(ended, bytes.NewReader(file), format, 3, limit); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v", err)
	}
	if _, _, err := modelfile.Detach(ended, []byte(`{"name":"x","data":"AAAA"}`), "data"); !errors.Is(err, context.Canceled) {
		t.Errorf("detaching: %v", err)
	}
}
