package datasource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"unicode/utf8"
)

// CSVConfig says how to read CSV text. The zero value works.
type CSVConfig struct {
	// Delimiter separates cells. 0 means: the one among comma, semicolon, tab
	// and | that cuts the header and the first rows alike, an error if that is
	// not exactly one.
	Delimiter rune
	// Schema gives kinds to the columns that it names if it fits the header
	// (see [Schema.Fits]). The zero Schema never fits.
	Schema Schema
	// Kinds gives kinds to columns by name and goes before Schema. A name that
	// the header lacks is a [*ColumnError].
	Kinds map[string]Kind
	// Limits bounds what is read.
	Limits Limits
	// BatchRows is the largest number of rows in a batch, 16384 when 0.
	BatchRows int
}

// Limits bounds a CSV file. Beyond one of them reading ends with a [*CSVError]
// that is [ErrTooLarge].
type Limits struct {
	// MaxBytes is the size of the file, MaxRows the number of rows below the
	// header; neither is limited when 0.
	MaxBytes int64
	MaxRows  int
	// MaxColumns is 256 when 0, MaxFieldBytes, the size of a cell, 64 KiB.
	MaxColumns, MaxFieldBytes int
}

// UploadLimits returns the limits for files that come from a network: 50 MiB,
// 1,000,000 rows, 256 columns, 64 KiB a cell.
func UploadLimits() Limits {
	return Limits{MaxBytes: 50 << 20, MaxRows: 1_000_000, MaxColumns: 256, MaxFieldBytes: 64 << 10}
}

const defaultBatchRows = 16384

// CSV is a [Source] of CSV text. Make it with [NewCSVFile], [NewCSVBytes] or
// [NewCSVReader]. It is safe for concurrent use.
type CSV struct {
	name   string
	input  csvInput
	config CSVConfig
}

// NewCSVFile returns the source of a file, which is opened anew by each read.
// Kinds that are not given are inferred in a pass of its own over the file. A
// path that is a pipe or a device is read as [NewCSVReader] reads.
func NewCSVFile(path string, cfg CSVConfig) *CSV {
	return &CSV{name: path, input: fileInput(path), config: cfg}
}

// NewCSVBytes returns the source of a file in memory, which must not change
// while it is in use. The name is for errors.
func NewCSVBytes(name string, data []byte, cfg CSVConfig) *CSV {
	return &CSV{name: name, input: bytesInput(data), config: cfg}
}

// NewCSVReader returns the source of a stream that can be read once; a second
// read gives [ErrConsumed]. If the kind of a column must be inferred, the whole
// text is held in memory before the first batch. The end of a context ends a read
// even while r blocks; the goroutine in r.Read then ends when r.Read returns.
func NewCSVReader(name string, r io.Reader, cfg CSVConfig) *CSV {
	return &CSV{name: name, input: &readerInput{r: r}, config: cfg}
}

// Name returns the base name of the file, or the name given for the bytes or
// the reader.
func (c *CSV) Name() string {
	if path, ok := c.input.(fileInput); ok {
		return filepath.Base(string(path))
	}
	return c.name
}

// Batches implements [Source]. All faults of the text are a [*CSVError].
func (c *CSV) Batches(ctx context.Context) iter.Seq2[*Table, error] {
	return func(yield func(*Table, error) bool) {
		cfg, err := c.config.checked()
		if err != nil {
			yield(nil, err)
			return
		}
		r := &csvRead{config: cfg}
		if err := r.run(ctx, c.input, func(t *Table) bool { return yield(t, nil) }); err != nil {
			yield(nil, c.named(err))
		}
	}
}

// checked returns the configuration with its defaults filled in.
func (cfg CSVConfig) checked() (CSVConfig, error) {
	if d := cfg.Delimiter; d >= utf8.RuneSelf || d < 0 || d > 0 && d != '\t' && (d <= ' ' || d == 0x7f) || isCellByte(d) {
		return cfg, fmt.Errorf("csv: Delimiter: want one ASCII character that is no letter, digit, space, quote, sign or point, got %q", d)
	}
	for name, kind := range cfg.Kinds {
		if kind < Numeric || kind > Text {
			return cfg, fmt.Errorf("csv: Kinds: want Numeric, Categorical or Text for column %s, got %v", quoted(name), kind)
		}
	}
	l := &cfg.Limits
	if l.MaxBytes < 0 || l.MaxRows < 0 || l.MaxColumns < 0 || l.MaxFieldBytes < 0 {
		return cfg, fmt.Errorf("csv: Limits: want no negative limit, got %+v", *l)
	}
	if l.MaxFieldBytes >= maxBlock {
		return cfg, fmt.Errorf("csv: Limits.MaxFieldBytes: want less than %d, got %d", maxBlock, l.MaxFieldBytes)
	}
	if cfg.BatchRows < 0 {
		return cfg, fmt.Errorf("csv: BatchRows: want 0 or more, got %d", cfg.BatchRows)
	}
	defaults := UploadLimits()
	if l.MaxColumns == 0 {
		l.MaxColumns = defaults.MaxColumns
	}
	if l.MaxFieldBytes == 0 {
		l.MaxFieldBytes = defaults.MaxFieldBytes
	}
	if cfg.BatchRows == 0 {
		cfg.BatchRows = defaultBatchRows
	}
	return cfg, nil
}

// isCellByte reports whether a character is too common in cells to separate them.
func isCellByte(d rune) bool {
	switch d {
	case '"', '.', '+', '-':
		return true
	}
	return '0' <= d && d <= '9' || 'A' <= d && d <= 'Z' || 'a' <= d && d <= 'z'
}

// named puts the file's name into an error about its content.
func (c *CSV) named(err error) error {
	var fault *CSVError
	if errors.As(err, &fault) {
		fault.Name = c.name
		return fault
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w", printable(c.name, 100), err)
}
