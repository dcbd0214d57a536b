package predict

// view shows the features of some rows. Its buffers are used again.
type view struct {
	shown   features
	numbers [][]float64
	codes   [][]int32
}

// slice shows the rows from low on, before high, where they are.
func (v *view) slice(f features, low, high int) features {
	v.shown.numbers, v.shown.codes = v.shown.numbers[:0], v.shown.codes[:0]
	for _, x := range f.numbers {
		v.shown.numbers = append(v.shown.numbers, x[low:high])
	}
	for _, codes := range f.codes {
		v.shown.codes = append(v.shown.codes, codes[low:high])
	}
	return v.shown
}

// pick shows copies of the given rows.
func (v *view) pick(f features, rows []int) features {
	if v.numbers == nil {
		v.numbers, v.codes = make([][]float64, len(f.numbers)), make([][]int32, len(f.codes))
	}
	for i, x := range f.numbers {
		v.numbers[i] = pick(v.numbers[i][:0], x, rows)
	}
	for i, codes := range f.codes {
		v.codes[i] = pick(v.codes[i][:0], codes, rows)
	}
	return features{v.numbers, v.codes}
}

// pick appends to dst the given rows of a column.
func pick[T any](dst, column []T, rows []int) []T {
	for _, row := range rows {
		dst = append(dst, column[row])
	}
	return dst
}

// reorder returns a column in another order; none stays none.
func reorder[T any](column []T, order []int) []T {
	if column == nil {
		return nil
	}
	return pick(nil, column, order)
}
