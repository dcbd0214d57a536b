package datasource

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendCell appends the text of a value from a database, nothing for NULL. The
// reason says why a value cannot be taken, "" when it can; number reports a value
// that the driver hands over as a number.
func appendCell(data []byte, value any) (out []byte, number bool, reason string) {
	switch v := value.(type) {
	case nil:
		return data, true, ""
	case int64:
		return strconv.AppendInt(data, v, 10), true, ""
	case int32:
		return strconv.AppendInt(data, int64(v), 10), true, ""
	case uint64:
		return strconv.AppendUint(data, v, 10), true, ""
	case float32:
		return appendCell(data, float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return data, true, fmt.Sprintf("%v is not a finite number", v)
		}
		return append(data, format(v)...), true, ""
	case bool:
		if v {
			return append(data, '1'), true, ""
		}
		return append(data, '0'), true, ""
	case time.Time:
		return v.AppendFormat(data, time.RFC3339Nano), false, ""
	case string:
		return appendText(data, []byte(v))
	case []byte:
		return appendText(data, v)
	}
	return data, false, fmt.Sprintf("values of type %T are not supported", value)
}

func appendText(data, text []byte) ([]byte, bool, string) {
	if !utf8.Valid(text) {
		return data, false, "the value is not UTF-8 text"
	}
	return append(data, text...), false, ""
}
