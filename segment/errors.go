package segment

import "errors"

// ErrTooFewRows marks a table that cannot be segmented as asked, for want of
// distinct rows.
var ErrTooFewRows = errors.New("too few rows")
