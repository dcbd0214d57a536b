package store

import (
	"fmt"
	"time"
)

// moment reads a time column of either database: a time, or the text of one. The
// zero time stands for NULL, and for what is no date that JSON can hold: the
// infinity of PostgreSQL, and years before 0 or after 9999.
type moment struct{ time.Time }

// Scan implements [sql.Scanner].
func (m *moment) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		m.Time = time.Time{}
		return nil
	case time.Time:
		m.Time = time.Time{}
		if year := v.UTC().Year(); year >= 0 && year <= 9999 {
			m.Time = v.UTC()
		}
		return nil
	case []byte:
		return m.parse(string(v))
	case string:
		return m.parse(v)
	}
	return fmt.Errorf("%T is no time", value)
}

func (m *moment) parse(s string) error {
	if s == "infinity" || s == "-infinity" {
		m.Time = time.Time{}
		return nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return fault(ErrCorrupt, "%q is no time", s)
}

// exactText reads a column with every difference between its values: NULL
// differs from an empty text, and a time has its microseconds.
type exactText struct {
	Text  string
	Valid bool
}

// Scan implements [sql.Scanner].
func (x *exactText) Scan(value any) error {
	*x = exactText{Valid: value != nil}
	switch v := value.(type) {
	case nil:
	case time.Time:
		x.Text = v.UTC().Format(timeLayout)
	case []byte:
		x.Text = string(v)
	case string:
		x.Text = v
	default:
		x.Text = fmt.Sprint(v)
	}
	return nil
}

// orNull makes NULL of an empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
