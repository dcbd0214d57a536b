package datasource

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// exactDigits and the length of powers bound the decimals m x 10^e of which both
// parts are exact in a float64, so that one multiplication or division rounds
// correctly (Clinger, How to Read Floating Point Numbers Accurately, 1990).
const exactDigits = 15

var powers = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// parseNumber reads a finite decimal number: an optional sign, digits with at
// most one point before, between or after them, and an optional exponent. It
// gives the float64 nearest to the decimal, as strconv.ParseFloat does.
func parseNumber(b []byte) (float64, bool) {
	at := 0
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		at = 1
	}
	mantissa, at, digits := scanDigits(b, at, 0)
	exponent := 0
	if at < len(b) && b[at] == '.' {
		point := at + 1
		var fraction int
		mantissa, at, fraction = scanDigits(b, point, mantissa)
		digits += fraction
		exponent = -fraction
	}
	if digits == 0 {
		return 0, false
	}
	if at < len(b) {
		e, ok := parseExponent(b[at:])
		if !ok {
			return 0, false
		}
		exponent += e
	}
	if digits > exactDigits || exponent >= len(powers) || -exponent >= len(powers) {
		v, err := strconv.ParseFloat(string(b), 64)
		return v, err == nil
	}
	v := float64(mantissa)
	if exponent < 0 {
		v /= powers[-exponent]
	} else {
		v *= powers[exponent]
	}
	if b[0] == '-' {
		v = -v
	}
	return v, true
}

// wholeNumber reads a number of digits alone, few enough to be exact.
func wholeNumber(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > exactDigits {
		return 0, false
	}
	var number int64
	for _, c := range b {
		digit := c - '0'
		if digit > 9 {
			return 0, false
		}
		number = number*10 + int64(digit)
	}
	return float64(number), true
}

// scanDigits appends the digits at b[at:] to a number. The number is of no use
// when it has more than exactDigits digits.
func scanDigits(b []byte, at int, number uint64) (result uint64, end, count int) {
	start := at
	for at < len(b) {
		digit := b[at] - '0'
		if digit > 9 {
			break
		}
		number = number*10 + uint64(digit)
		at++
	}
	return number, at, at - start
}

func parseExponent(b []byte) (int, bool) {
	if b[0]|0x20 != 'e' {
		return 0, false
	}
	b = b[1:]
	negative := false
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	const beyond = 1 << 20 // past the range of float64 for every cell
	e := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		e = min(e*10+int(c-'0'), beyond)
	}
	if negative {
		e = -e
	}
	return e, true
}

// isCode reports whether a number is written with leading zeros, as postal codes
// and IDs are: 0012, but not 0, 0.5 or 0e1.
func isCode(b []byte) bool {
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
	}
	return len(b) > 1 && b[0] == '0' && '0' <= b[1] && b[1] <= '9'
}

// isLabel reports whether a cell is a code of letters and digits that starts with
// a letter: A12 or SW1A, but not "ca. 30".
func isLabel(b []byte) bool {
	return len(b) > 1 && isLetter(b[0]) && bytes.ContainsAny(b, "0123456789") && !bytes.ContainsAny(b, " \t")
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isAmount reports whether a cell is a number but for its commas or its currency
// sign: 5213,45 or 1,234.50 or $5, but not the list 1,2,3.
func isAmount(b []byte) bool {
	if len(b) > longestNumber || isLetter(b[0]) {
		return false
	}
	first, _ := utf8.DecodeRune(b)
	last, _ := utf8.DecodeLastRune(b)
	comma := bytes.IndexByte(b, ',') >= 0
	if !comma && !strings.ContainsRune(currencies, first) && !strings.ContainsRune(currencies, last) {
		return false
	}
	return decorationHint(strings.ToLower(string(b))) != "" && !isList(b)
}

// isList reports whether commas do not stand where they would in one number: once,
// or before groups of three digits.
func isList(b []byte) bool {
	parts := bytes.Split(b, []byte(","))
	if len(parts) <= 2 {
		return false
	}
	return slices.ContainsFunc(parts[1:], func(part []byte) bool {
		_, _, digits := scanDigits(part, 0, 0)
		return digits != 3
	})
}

// trimBlanks cuts spaces and tabs off both ends.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

const (
	leaveEmpty = "leave the cell empty where the value is missing"
	notMeant   = "if the column is not meant to hold numbers, read it as categorical or text"
	// longestNumber is the length of a cell up to which marks in it are looked
	// for.
	longestNumber = 100
	currencies    = "$€£¥"
)

// numberHint says how to repair a cell that is meant as a number and is none, or
// "" when it does not look like a number at all.
func numberHint(cell []byte) string {
	if len(cell) == 0 || isLetter(cell[0]) && len(cell) > longestNumber {
		return ""
	}
	if v, err := strconv.ParseFloat(string(cell), 64); math.IsInf(v, 0) {
		if err != nil {
			return "the number is too large: at most 1.8e308 is possible"
		}
		return "only finite numbers are possible; " + leaveEmpty
	}
	if len(cell) > longestNumber {
		return ""
	}
	text := strings.ToLower(string(cell))
	switch text {
	case "nan", "na", "n/a", "#n/a", "#na", "null", "none", "nil", "-", "--", "?", ".", "missing", "#value!", "#div/0!":
		return leaveEmpty
	}
	if _, err := strconv.ParseUint(strings.TrimLeft(text, "+-"), 0, 64); err == nil && strings.Contains(text, "0x") {
		return "write the number in decimal digits"
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil && strings.Contains(text, "0x") {
		return "write the number in decimal digits"
	}
	return decorationHint(text)
}

// notNumber explains a cell that should be a number.
func notNumber(cell string) (reason, hint string) {
	hint = numberHint(trimBlanks([]byte(cell)))
	if hint == "" {
		hint = notMeant
	}
	return quoted(cell) + " is not a number", hint
}

// decorations are marks that people and spreadsheets put into numbers.
var decorations = []struct{ marks, hint string }{
	{currencies, "write the number without the currency sign"},
	{"%", "write the number without the percent sign"},
	{"_", "write the number without underscores"},
	{" '’\u00a0\u202f\u2009", "write the number without spaces or marks between its digits"},
	{"\u2212", "write a plain minus sign"},
	{",", ""},
}

func decorationHint(text string) string {
	hint := ""
	for _, d := range decorations {
		if !strings.ContainsAny(text, d.marks) {
			continue
		}
		if d.marks == "," {
			d.hint = commaHint(text)
		}
		if hint == "" {
			hint = d.hint
		}
		text = strings.Map(func(r rune) rune {
			if strings.ContainsRune(d.marks, r) {
				return -1
			}
			return r
		}, text)
	}
	if hint == "" {
		return ""
	}
	if _, ok := parseNumber([]byte(text)); !ok {
		return ""
	}
	return hint
}

// commaHint tells a decimal comma from a thousands separator.
func commaHint(text string) string {
	whole, fraction, _ := bytes.Cut([]byte(text), []byte(","))
	if bytes.ContainsAny(whole, ".") || len(fraction) != 3 && !bytes.ContainsAny(fraction, ",.") {
		return "write a decimal point, and no comma"
	}
	return "write the number without thousands separators"
}
