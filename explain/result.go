package explain

// Result holds the contributions to the predictions for rows of customers, in
// the target's unit. For each row Base plus the sum of its contributions is the
// prediction, to 1e-9 of its scale.
type Result struct {
	Method Method
	// Base is the prediction for a row of which nothing is known.
	Base float64
	// Columns names the encoded columns, Groups the user's columns in the order
	// of their first encoded column, and GroupOf has, by encoded column, the
	// index of its group.
	Columns, Groups []string
	GroupOf         []int
	// References has, by group, the Reference of its columns.
	References []string
	Rows       int
	// X is the slice of encoded rows that was explained, not a copy.
	X []float64
	// Predictions are the model's, unclipped.
	Predictions []float64
	// Encoded has the contribution of each encoded column, Rows x Columns, row
	// after row; Values those rolled up, Rows x Groups.
	Encoded, Values []float64
	// EncodedStdErrors and StdErrors are the standard errors of Encoded and
	// Values when they were estimated, by [Permutation]; else nil.
	EncodedStdErrors, StdErrors []float64
}

// Row returns the rolled up contributions to the prediction for a row.
func (r *Result) Row(row int) []float64 {
	g := len(r.Groups)
	return r.Values[row*g : (row+1)*g : (row+1)*g]
}

// rollUp sums the contributions of the columns of each group.
func (r *Result) rollUp() {
	d, g := len(r.Columns), len(r.Groups)
	r.Values = make([]float64, r.Rows*g)
	for row := range r.Rows {
		to := r.Values[row*g : (row+1)*g]
		for j, v := range r.Encoded[row*d : (row+1)*d] {
			to[r.GroupOf[j]] += v
		}
	}
}
