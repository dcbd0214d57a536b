package datasource

import (
	"bytes"
	"fmt"
	"strings"
)

const (
	// sampleSize is what is looked at to tell the file's type and its delimiter.
	sampleSize = 64 << 10
	// sampleRows bounds the rows that must agree on the delimiter.
	sampleRows = 100
)

// foreign lists files that are often taken for CSV, by their first bytes.
var foreign = []struct{ magic, what, hint string }{
	{"\xff\xfe\x00\x00", "UTF-32 text", "save it as UTF-8"},
	{"\x00\x00\xfe\xff", "UTF-32 text", "save it as UTF-8"},
	{"\xff\xfe", "UTF-16 text", "save it as UTF-8"},
	{"\xfe\xff", "UTF-16 text", "save it as UTF-8"},
	{"\x1f\x8b", "a gzip archive", "unpack it first"},
	{"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"},
	{"PK\x05\x06", "an empty zip archive", "name a CSV file"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"},
	{"\x89PNG", "a PNG picture", "name a CSV file"},
	{"\xff\xd8\xff", "a JPEG picture", "name a CSV file"},
	{"GIF87a", "a GIF picture", "name a CSV file"},
	{"GIF89a", "a GIF picture", "name a CSV file"},
	{"%PDF-", "a PDF document", "save the table as CSV"},
	{"BZh91AY&SY", "a bzip2 archive", "unpack it first"},
	{"\xfd7zXZ", "an xz archive", "unpack it first"},
	{"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"},
	{"7z\xbc\xaf", "a 7z archive", "unpack it first"},
	{"PAR1\x15", "a Parquet file", "export it as CSV"},
	{"SQLite format 3\x00", "an SQLite database", "export the table as CSV"},
	{"\x7fELF", "a program", "name a CSV file"},
}

func checkMagic(start []byte) *CSVError {
	for _, f := range foreign {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return &CSVError{Reason: "is " + f.what + ", not CSV text", Hint: f.hint}
		}
	}
	return nil
}

var byteOrderMark = []byte("\ufeff")

const candidates = ",;\t|"

// sniff finds the delimiter: the one candidate that cuts the header and all rows
// of the sample into the same number of cells, more than one. When the header
// holds a single candidate, that is it, and the rows must follow; when the sample
// holds none at all, the file has one column.
func sniff(sample []byte, whole bool) (byte, *CSVError) {
	var unanimous, inHeader []byte
	anywhere := false
	for _, d := range []byte(candidates) {
		counts, agree := countCells(sample, d, whole)
		for _, n := range counts {
			agree = agree && n == counts[0]
			anywhere = anywhere || n > 1
		}
		if len(counts) == 0 || counts[0] < 2 {
			continue
		}
		inHeader = append(inHeader, d)
		if agree {
			unanimous = append(unanimous, d)
		}
	}
	switch {
	case len(unanimous) == 1:
		return unanimous[0], nil
	case len(inHeader) == 1:
		return inHeader[0], nil
	case !anywhere:
		return ',', nil
	}
	return 0, ambiguous(unanimous, inHeader)
}

func ambiguous(unanimous, inHeader []byte) *CSVError {
	reason := "the header holds no delimiter, but later rows do"
	switch {
	case len(unanimous) > 1:
		reason = "more than one delimiter cuts all rows alike: " + delimiterNames(unanimous)
	case len(inHeader) > 1:
		reason = "none of the delimiters in the header cuts all rows alike: " + delimiterNames(inHeader)
	}
	return &CSVError{Line: 1, Reason: reason, Hint: "say which one is the delimiter"}
}

func delimiterNames(delimiters []byte) string {
	names := make([]string, len(delimiters))
	for i, d := range delimiters {
		names[i] = delimiterName(rune(d))
	}
	return strings.Join(names, " and ")
}

func delimiterName(d rune) string {
	if d == '\t' {
		return "tab"
	}
	return fmt.Sprintf("%q", d)
}

// countCells returns the number of cells of the first rows that are not blank.
// A row that the sample cuts off does not count. It stops, with false, where
// quotes are not those of cells that the delimiter separates.
func countCells(sample []byte, delimiter byte, whole bool) (counts []int, ok bool) {
	for len(sample) > 0 && len(counts) < sampleRows {
		cells, size, ok := cutRow(sample, delimiter)
		if !ok {
			return counts, false
		}
		if size < 0 {
			break
		}
		cut := size == len(sample) && sample[size-1] != '\n' && !whole
		if !cut && len(bytes.TrimSpace(sample[:size])) > 0 {
			counts = append(counts, cells)
		}
		sample = sample[size:]
	}
	return counts, true
}

// cutRow returns the number of cells of the first row and its size in bytes, -1
// if a quote is still open at the end.
func cutRow(text []byte, delimiter byte) (cells, size int, ok bool) {
	cells, inQuotes, fresh, closed := 1, false, true, false
	for at, c := range text {
		switch {
		case c == '"':
			if !inQuotes && !fresh && !closed {
				return 0, 0, false
			}
			inQuotes, closed = !inQuotes, inQuotes // a doubled quote opens again
		case inQuotes:
			continue
		case c == delimiter:
			cells++
			fresh, closed = true, false
			continue
		case c == '\n':
			return cells, at + 1, true
		case closed && c != '\r':
			return 0, 0, false
		}
		fresh = false
	}
	if inQuotes {
		return 0, -1, true
	}
	return cells, len(text), true
}

// checkHeader trims the names and checks that each column has its own.
func checkHeader(r *records, line int) ([]string, error) {
	names := make([]string, len(r.cells))
	first := make(map[string]int, len(names))
	for i, s := range r.cells {
		name := string(bytes.TrimSpace(r.data[s.start:s.end]))
		if name == "" {
			return nil, &CSVError{
				Line: line, Reason: fmt.Sprintf("column %d of %d has no name", i+1, len(names)),
				Hint: "the first row must name each column; a delimiter at its end makes one column too many",
			}
		}
		if before, dup := first[name]; dup {
			return nil, &CSVError{
				Line: line, Column: name,
				Reason: fmt.Sprintf("columns %d and %d have the same name", before+1, i+1), Hint: "rename one of them",
			}
		}
		names[i], first[name] = name, i
	}
	return names, nil
}
